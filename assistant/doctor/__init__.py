"""``assistant doctor``: looks whether everything is there and works, and says what is wrong and what to do.

Each check gathers facts and judges them. Judgements are pure and say their result in every language the assistant speaks.
"""
