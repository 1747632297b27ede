"""How people say the commands: wordings by command, and the words around them that change nothing.

A wording stands here once and without politeness; `assistant.turn.commands` takes that off, and allows for how Whisper
spells. Some of its spellings are too far off for that, and stand here: "stoop", "for detail", "help it", "can the code" for
"scan the code", 听 for 停, 这么写 for 怎么写, 收一下码 for 扫一下码. Missing, because they are questions about what is seen,
too, are "In English?", "What else?" and 还有什么？
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from assistant.types import Language


class Command(enum.Enum):
    """What a person may say instead of asking (rules 2, 16, 20 and 22 of the design)."""

    STOP = "stop"
    """Say no more."""
    REPEAT = "repeat"
    """Say the last answer again."""
    MORE = "more"
    """Tell more of the same picture."""
    SLOWER = "slower"
    FASTER = "faster"
    LOUDER = "louder"
    QUIETER = "quieter"
    READ = "read"
    """Read aloud what is written before the camera."""
    NEXT = "next"
    """Read on from the next paragraph."""
    BACK = "back"
    """Read from the paragraph before."""
    SPELL = "spell"
    """Spell what was said last."""
    NEW_CONVERSATION = "new conversation"
    """Forget all that was said."""
    FORGET = "forget"
    """Forget the last question and its answer."""
    HELP = "help"
    """Tell the commands."""
    SLEEP = "sleep"
    """Do not listen until woken."""
    WAKE = "wake"
    """Listen again."""
    BRIEF = "brief"
    """From now on answers in a sentence."""
    NORMAL = "normal"
    """From now on answers of a middle length."""
    FULL = "full"
    """From now on answers that tell all."""
    CLOCK = "clock"
    """Directions by the clock: at two o'clock."""
    SIDES = "sides"
    """Directions by the body's sides: to the right."""
    ENGLISH = "English"
    """Announcements in English."""
    CHINESE = "Chinese"
    """Announcements in Chinese."""
    OTHER_VOICE = "other voice"
    """The next of the voice's variants."""
    LIGHT = "light"
    """Tell how bright it is."""
    COLOUR = "colour"
    """Tell the colour of what is held before the camera."""
    CODE = "code"
    """Read a bar code or QR code."""
    PASSWORD = "password"
    """Spell the password that stood in a code."""
    EXPLAIN = "explain"
    """Explain a figure in full detail."""
    REFERENCE = "reference"
    """Remember what is there, to compare with it."""
    COMPARE = "compare"
    """Tell where what is there differs from that."""
    FORGET_REFERENCE = "forget reference"
    KEEP_DESCRIBING = "keep describing"
    """Describe what is there, again and again, until told to stop."""
    ONLY_PEOPLE = "only people"
    """The same, of people alone."""
    ONLY_TEXT = "only text"
    """The same, of what is written alone."""
    EVERYTHING_AGAIN = "everything again"
    """The same, of everything, after one of the two before."""


_C = Command

_ENGLISH: Mapping[Command, str] = {
    _C.STOP: """
        stop | stop it | stop that | stop this | stop talking | stop speaking | stop reading | stop describing | stoop | be quiet |
        quiet | shut up | hush | silence | that's enough | enough | no more | cancel | cancelled | cancel that | never mind""",
    _C.REPEAT: """
        repeat | repeat that | repeat it | repeat this | repeat the answer | say that again | say it again |
        say again | again | once more | one more time | say that one more time | say that once more | pardon |
        pardon me | come again | what did you say | what was that | what did you just say | I didn't catch that |
        I didn't hear that""",
    _C.MORE: """
        more | tell me more | say more | some more | go on | carry on | keep going | continue | more detail |
        more details | tell me more about it | tell me more about that | tell me more about this""",
    _C.SLOWER: """
        slower | slow down | slow it down | speak slower | talk slower | read slower | more slowly |
        speak more slowly | talk more slowly | slowly | speak slowly | too fast | you're too fast |
        you speak too fast | not so fast | that's too fast""",
    _C.FASTER: """
        faster | speak faster | talk faster | read faster | quicker | speak quicker | speed up | speed it up |
        more quickly | speak more quickly | too slow | you're too slow | you speak too slowly | not so slow |
        that's too slow""",
    _C.LOUDER: """
        louder | speak louder | talk louder | speak up | volume up | turn it up | turn up the volume |
        turn the volume up | increase the volume | raise the volume | raise your voice | more volume | too quiet |
        you're too quiet | that's too quiet | I can't hear you""",
    _C.QUIETER: """
        quieter | speak quieter | softer | speak softer | talk softer | more quietly | speak more quietly |
        speak quietly | lower your voice | volume down | turn it down | turn down the volume | turn the volume down |
        lower the volume | decrease the volume | less volume | too loud | you're too loud | that's too loud |
        not so loud | less loud""",
    _C.READ: """
        read | read this | read that | read it | read the text | read this text | read that text | read the page |
        read this page | read the next page | read out | read it out | read this out | read aloud | read it aloud |
        read this aloud | read the text aloud | read the text out | read everything | read it all | read all of it |
        read me this | read me the text | next page""",
    _C.NEXT: """
        next | next paragraph | the next paragraph | next one | the next one | next part | next section | next line |
        skip | skip it | skip this | skip that | skip this paragraph | skip ahead | go forward | forward""",
    _C.BACK: """
        back | go back | previous | previous paragraph | the previous paragraph | previous one | the previous one |
        previous part | previous line | one back | go back one | one paragraph back | a paragraph back | the one before""",
    _C.SPELL: """
        spell | spell that | spell it | spell this | spell that out | spell it out | spell the name | spell the word |
        spell that word | spell that name | how do you spell that | how do you spell it | how is that spelled |
        how is it spelled | how is it spelt | how is that spelt""",
    _C.NEW_CONVERSATION: """
        new conversation | start a new conversation | begin a new conversation | start over | start again |
        let's start over | start from the beginning | start again from the beginning | start afresh | new topic |
        new chat | forget everything | forget all | forget it all | forget all of it | clear the conversation |
        delete the conversation | reset | clear your memory""",
    _C.FORGET: """
        forget this | forget that | forget it | forget what I said | forget what I asked | forget what I just said |
        forget the last question | forget that question | forget this question | forget the last answer |
        delete that | delete this | erase that""",
    _C.HELP: """
        help | help me | give me help | get help | I need help | what can you do | what can you do for me |
        what can I say | what can I ask | what can I ask you | what do you do | how do you work |
        which commands are there | what commands are there | what are the commands | what commands do you know |
        tell me what you can do | list the commands | help it""",
    _C.SLEEP: """
        sleep | go to sleep | fall asleep | sleep mode | stop listening | don't listen | microphone off |
        turn off the microphone | turn the microphone off | switch off the microphone | mute the microphone""",
    _C.WAKE: """
        wake up | wake | start listening | listen | listen to me | are you there | are you awake | microphone on |
        turn on the microphone | turn the microphone on""",
    _C.BRIEF: """
        brief | be brief | be briefer | briefer | brief answers | short answers | shorter | shorter answers |
        give me short answers | keep it short | keep it brief | keep it shorter | less detail | less details |
        answer briefly | answer shorter | be short""",
    _C.NORMAL: """
        normal | normal answers | normal detail | normal length | normal answers again | go back to normal |
        back to normal | medium detail | normal mode | medium answers""",
    _C.FULL: """
        full detail | full details | full answers | in full detail | detailed answers | more detailed |
        more detailed answers | be more detailed | give me full detail | give me detailed answers | long answers |
        longer | longer answers | give me long answers | tell me everything | give me all the details | all details |
        for detail""",
    _C.CLOCK: """
        clock directions | o'clock directions | clock positions | use clock directions | use the clock |
        use clock positions | say clock directions | directions by the clock | say directions by the clock |
        give directions by the clock | give me clock directions""",
    _C.SIDES: """
        left and right | use left and right | say left and right | left and right directions | side directions |
        use sides | directions by sides | no clock directions | directions without the clock""",
    _C.ENGLISH: """
        speak English | speak in English | talk English | talk in English | switch to English | use English |
        change to English""",
    _C.CHINESE: """
        speak Chinese | speak in Chinese | talk Chinese | talk in Chinese | switch to Chinese | use Chinese |
        change to Chinese | speak Mandarin""",
    _C.OTHER_VOICE: """
        another voice | other voice | a different voice | different voice | new voice | next voice |
        use another voice | use a different voice | change your voice | change the voice | change voice |
        switch voice | switch your voice | try a different voice | try another voice | I want another voice |
        I want a different voice""",
    _C.LIGHT: """
        how bright is it | how bright is it here | how bright is it in here | how dark is it | how dark is it here |
        how dark is it in here | how light is it | how light is it here | how light is it in here | is it bright |
        is it bright here | is it bright in here | is it dark | is it dark here | is it dark in here |
        is the light on | are the lights on | is the light off | are the lights off | is there light |
        is there any light | is there light here | light level | measure the light | where is the light coming from |
        where does the light come from | how right is it | how right is it in here""",
    _C.COLOUR: """
        what colour is this | what color is this | what colour is this thing | what color is this thing |
        what colour am I holding | what color am I holding | which colour is this | which color is this |
        what's this colour | what's this color | what is this colour | what is this color |
        what colour is this here | what color is this here | what colours are this | name the colour |
        name the color | name this colour | name this color | check the colour | check the color |
        identify the colour | identify the color""",
    _C.CODE: """
        scan | scan it | scan this | scan that | scan code | scan the code | scan a code | scan this code |
        scan the bar code | scan bar code | scan a bar code | scan this bar code | scan the QR code | scan QR code |
        scan a QR code | scan this QR code | read the code | read the bar code | read bar code |
        read this bar code | read the QR code | read QR code | read this QR code | bar code | QR code |
        what does the code say | what does the QR code say | what's in the code | what's in the QR code |
        can the code | can this code | can the QR code | can this QR code | can the bar code""",
    _C.PASSWORD: """
        spell the password | spell that password | spell out the password | spell the Wi-Fi password""",
    _C.KEEP_DESCRIBING: """
        keep describing | keep on describing | keep describing everything | keep describing what you see |
        keep describing the scene | describe continuously | describe all the time | describe everything continuously |
        go on describing | continue describing | continuous description | start describing | keep telling me what you see |
        keep telling me what's there | keep telling me what is there | keep telling me what's around me |
        keep me informed | describe as I walk | describe while I walk | describe as we go""",
    _C.ONLY_PEOPLE: """
        only people | people only | just people | just the people | only the people | describe only people |
        describe only the people | only describe people | tell me only about people | only tell me about people""",
    _C.ONLY_TEXT: """
        only text | text only | just text | just the text | only the text | only signs | describe only text |
        only read text | read only text | only read signs | read only signs | only describe text |
        only read the signs | read only the signs""",
    _C.EVERYTHING_AGAIN: """
        everything again | describe everything again | describe all again |
        not only people | not only text""",
    _C.EXPLAIN: """
        explain this figure | explain the figure | explain that figure | explain this chart | explain the chart |
        explain this diagram | explain the diagram | explain this graph | explain the graph | explain this drawing |
        explain this picture | explain the picture | explain this image | explain this plot | explain this table""",
    _C.REFERENCE: """
        remember this as the reference | remember this as a reference | remember this as reference |
        use this as the reference | this is the reference | take this as the reference | keep this as the reference |
        remember the reference | set the reference""",
    _C.COMPARE: """
        compare | compare it | compare this | compare that | compare with the reference | compare to the reference |
        compare this with the reference | compare it with the reference | compare this to the reference""",
    _C.FORGET_REFERENCE: """
        forget the reference | delete the reference | remove the reference | clear the reference""",
}
_CHINESE: Mapping[Command, str] = {
    _C.STOP: """
        停 | 听 | 停一下 | 停下 | 停下来 | 停止 | 停一停 | 停住 | 住口 | 闭嘴 | 别说 | 别说了 | 不要说 | 不要说了 | 别讲 |
        不用说 | 别描述 | 不要描述 | 停止描述 | 别念 | 不要念 | 安静 | 安静点 | 够 | 够了 | 取消 | 不说 | 打住 | 算了""",
    _C.REPEAT: """
        重复 | 重复一遍 | 重复一次 | 再说一遍 | 再说一次 | 再说 | 再讲一遍 | 再念一遍 | 再读一遍 | 再来一遍 |
        再来一次 | 说什么 | 你说什么 | 刚才说什么 | 没听清 | 没听清楚 | 没听见 | 没听懂 | 我没听清 | 我没听清楚 |
        我没听懂""",
    _C.MORE: """
        继续 | 别停 | 继续说 | 继续讲 | 接着说 | 接着讲 | 还有 | 还有呢 | 更多 | 多说一点 | 多说点 | 再多说一点 |
        再多说点 | 再多说一些 | 多说一些 | 多讲一点 | 说下去 | 往下说 | 然后呢""",
    _C.SLOWER: """
        慢一点 | 慢点 | 慢一些 | 慢些 | 再慢一点 | 再慢点 | 慢一点说 | 慢点说 | 慢慢说 | 说慢一点 | 说慢点 |
        说得慢一点 | 讲慢一点 | 念慢一点 | 放慢速度 | 放慢语速 | 语速慢一点 | 语速慢点 | 减速 | 太快 | 太快了 |
        说太快了 | 说得太快了""",
    _C.FASTER: """
        快一点 | 快点 | 快一些 | 快些 | 再快一点 | 再快点 | 快一点说 | 快点说 | 说快一点 | 说快点 | 说得快一点 |
        讲快一点 | 念快一点 | 加快速度 | 加快语速 | 语速快一点 | 语速快点 | 加速 | 太慢 | 太慢了 | 说太慢了 |
        说得太慢了""",
    _C.LOUDER: """
        大声一点 | 大声点 | 大声 | 大声些 | 大点声 | 再大声一点 | 再大声点 | 大声一点说 | 大声说 | 说大声一点 |
        说大声点 | 声音大一点 | 声音大点 | 响一点 | 音量大一点 | 音量大点 | 调大音量 | 音量调大 | 把音量调大 |
        把声音调大 | 声音调大 | 提高音量 | 增大音量 | 加大音量 | 太小声了 | 声音太小了 | 声音太小 | 听不见 |
        我听不见 | 听不清""",
    _C.QUIETER: """
        小声一点 | 小声点 | 小声 | 小声些 | 小点声 | 再小声一点 | 再小声点 | 小声一点说 | 小声说 | 说小声一点 |
        说小声点 | 声音小一点 | 声音小点 | 轻一点 | 轻点 | 轻声点 | 音量小一点 | 音量小点 | 调小音量 | 音量调小 |
        把音量调小 | 把声音调小 | 声音调小 | 降低音量 | 减小音量 | 太大声了 | 声音太大了 | 声音太大 | 太响了 |
        太吵了""",
    _C.READ: """
        读 | 读一读 | 读这个 | 读出来 | 读文字 | 读文本 | 读一下文字 | 读一下这个 | 读一下上面的字 | 读上面的字 | 读这一页 |
        读这页 | 读给我听 | 读全文 | 朗读 | 念 | 念一念 | 念这个 | 念出来 | 念一下这个 | 念文字 | 念给我听 | 念上面的字 | 下一页 |
        读下一页""",
    _C.NEXT: """
        下一段 | 下一个 | 下一条 | 下一节 | 读下一段 | 念下一段 | 跳过 | 跳过这段 | 跳过这一段 | 往后 | 往下""",
    _C.BACK: """
        上一段 | 上一个 | 上一条 | 上一节 | 读上一段 | 念上一段 | 前一段 | 往前 | 往回 | 后退 | 倒回去 | 退回去 |
        回到上一段""",
    _C.SPELL: """
        拼 | 拼一下 | 拼写 | 拼出来 | 拼一拼 | 把它拼出来 | 怎么拼 | 怎么拼写 | 这个怎么拼 | 怎么写 | 这么写 | 这个怎么写 |
        那个怎么写 | 是哪几个字 | 哪几个字 | 一个字一个字说 | 一个字一个字念 | 一个字母一个字母说 | 逐字念 | 逐字说""",
    _C.NEW_CONVERSATION: """
        新对话 | 新的对话 | 开始新对话 | 开始新的对话 | 开始一个新对话 | 开始一个新的对话 | 新建对话 | 重新开始 |
        我们重新开始 | 从头开始 | 换个话题 | 换话题 | 新话题 | 全部忘掉 | 全都忘掉 | 都忘掉 | 忘掉所有 | 忘掉一切 |
        忘记一切 | 忘掉全部 | 清空对话 | 清除对话 | 清除记忆""",
    _C.FORGET: """
        忘掉 | 忘记 | 忘掉这个 | 忘了这个 | 忘记这个 | 把这个忘了 | 把这个忘掉 | 忘掉它 | 忘了它 | 忘了吧 |
        忘掉刚才的 | 忘了刚才的 | 忘记刚才的 | 忘掉刚才说的 | 忘记刚才说的 | 忘掉刚才的问题 | 忘掉上一个问题 |
        忘记上一个问题 | 别记这个 | 不要记这个 | 删除这个 | 删掉这个""",
    _C.HELP: """
        帮助 | 帮帮我 | 帮帮忙 | 给我帮助 | 我需要帮助 | 会做什么 | 你能做什么 | 你会做什么 | 你会什么 | 会做些什么 |
        能做些什么 | 都会做什么 | 都会做些什么 | 都能做什么 | 都能做些什么 | 能帮我做什么 | 你可以做什么 |
        我可以说什么 | 我能说什么 | 可以说什么 | 我可以问什么 | 有什么命令 | 有哪些命令 | 有什么指令 | 有哪些指令""",
    _C.SLEEP: """
        睡觉 | 睡 | 去睡 | 去睡觉 | 睡觉去 | 睡吧 | 休息 | 休眠 | 去休息 | 别听 | 不要听 | 停止听 | 停止收听 |
        关闭麦克风 | 关掉麦克风 | 关麦克风 | 把麦克风关掉""",
    _C.WAKE: """
        醒醒 | 醒来 | 醒 | 醒一醒 | 快醒醒 | 起床 | 唤醒 | 开始听 | 听我说 | 在吗 | 你在吗 | 在不在 | 打开麦克风 |
        开麦克风""",
    _C.BRIEF: """
        简短 | 简短一点 | 简短点 | 简短些 | 简单一点 | 简单点 | 简洁 | 简洁一点 | 简洁点 | 说短一点 | 短一点 | 短点 |
        说简短一点 | 说简单一点 | 说简单点 | 简短回答 | 简单回答 | 简短地回答 | 回答简短一点 | 回答简单一点 |
        回答短一点 | 长话短说 | 简短模式 | 少说一点 | 少说点""",
    _C.NORMAL: """
        正常 | 正常回答 | 正常一点 | 正常长度 | 正常模式 | 恢复正常 | 普通模式 | 恢复普通模式 | 普通回答 | 一般长度""",
    _C.FULL: """
        详细 | 详细一点 | 详细点 | 详细些 | 更详细 | 更详细一点 | 再详细一点 | 再详细点 | 说详细一点 | 说详细点 |
        说得详细一点 | 说得详细点 | 详细说 | 详细说说 | 详细回答 | 详细地回答 | 回答详细一点 | 回答得详细一点 |
        回答得详细一些 | 完整回答 | 详细模式 | 越详细越好 | 全部告诉我""",
    _C.CLOCK: """
        钟点方向 | 时钟方向 | 用钟点说方向 | 用时钟说方向 | 用钟点 | 按钟点说 | 按钟点说方向 | 说钟点方向""",
    _C.SIDES: """
        左右方向 | 用左右说方向 | 用左右 | 说左右 | 按左右说方向 | 不用钟点""",
    _C.ENGLISH: """
        说英文 | 说英语 | 讲英文 | 讲英语 | 换成英文 | 换成英语 | 切换到英文 | 切换到英语 | 改成英文 | 改成英语""",
    _C.CHINESE: """
        说中文 | 说汉语 | 说普通话 | 说国语 | 讲中文 | 讲汉语 | 讲普通话 | 换成中文 | 切换到中文 | 改成中文""",
    _C.OTHER_VOICE: """
        换声音 | 换个声音 | 换一个声音 | 换种声音 | 换一种声音 | 换一下声音 | 换嗓音 | 换个嗓音 | 另一个声音 |
        别的声音 | 其他声音 | 下一个声音 | 换个人说 | 换个人说话 | 改变声音 | 换换声音 | 换个别的声音 | 我想换个声音""",
    _C.LIGHT: """
        亮不亮 | 这里亮不亮 | 这儿亮不亮 | 屋里亮不亮 | 有多亮 | 这里有多亮 | 暗不暗 | 这里暗不暗 | 黑不黑 |
        这里黑不黑 | 这里亮吗 | 这里暗吗 | 这里黑吗 | 屋里亮吗 | 屋里黑吗 | 灯开着吗 | 灯开了吗 | 灯关着吗 | 灯关了吗 |
        灯开着没有 | 开灯了吗 | 关灯了吗 | 灯是开着的吗 | 灯是关着的吗 | 有光吗 | 有没有光 | 光线怎么样 | 看看亮度 |
        测亮度 | 测一下亮度 | 测光 | 光从哪里来 | 光从哪边来 |
        亮不了 | 这里亮不了 | 灯开始吗""",
    _C.COLOUR: """
        这是什么颜色 | 这是什么颜色的 | 这个是什么颜色 | 这个是什么颜色的 | 这个什么颜色 | 这什么颜色 | 这是啥颜色 |
        这个是啥颜色 | 这是哪种颜色 | 我拿的是什么颜色 | 我拿着什么颜色 | 看颜色 | 看看颜色 | 看一下颜色 |
        识别颜色 | 测颜色 | 测一下颜色""",
    _C.CODE: """
        扫码 | 扫一下码 | 扫一扫 | 扫一下 | 扫个码 | 扫这个码 | 扫描 | 扫描一下 | 扫一下这个 | 扫二维码 |
        扫一下二维码 | 扫描二维码 | 扫这个二维码 | 读二维码 | 读一下二维码 | 扫条形码 | 扫一下条形码 | 扫描条形码 | 读条形码 |
        读一下条形码 | 扫条码 | 扫一下条码 | 读条码 | 二维码 | 条形码 | 收一下码 |
        收一下二维码 | 收一下条形码""",
    _C.PASSWORD: """
        念密码 | 念一下密码 | 拼密码 | 拼一下密码 | 把密码念出来""",
    _C.EXPLAIN: """
        解释这张图 | 解释一下这张图 | 讲解这张图 | 讲解一下这张图 | 解释这个图表 | 解释一下这个图表 | 解释图表 |
        解释这幅图 | 解释一下这幅图""",
    _C.REFERENCE: """
        记住这个作参考 | 把这个记作参考 | 以这个为参考 | 这个作参考 | 记住参考 | 记为参考 | 设为参考""",
    _C.COMPARE: """
        比较 | 比较一下 | 比一比 | 对比 | 对比一下 | 和参考比较 | 跟参考比较 | 和参考对比 | 跟参考对比""",
    _C.FORGET_REFERENCE: """
        忘掉参考 | 删除参考 | 清除参考 | 不要参考了""",
    _C.KEEP_DESCRIBING: """
        一直描述 | 持续描述 | 不停描述 | 不停地描述 | 不断描述 | 连续描述 | 继续描述 | 接着描述 | 开始描述 | 随时描述 |
        边走边描述 | 边走边说 | 一直说你看到的 | 一直告诉我你看到什么 | 一直告诉我有什么 | 一直描述周围 | 持续描述周围 |
        一直描述你看到的""",
    _C.ONLY_PEOPLE: """
        只说人 | 只描述人 | 只要人 | 只讲人 | 只看人 | 只说有没有人 | 只告诉我人""",
    _C.ONLY_TEXT: """
        只念文字 | 只读文字 | 只说文字 | 只要文字 | 只看文字 | 只念字 | 只读字 | 只念招牌 | 只读招牌 | 只描述文字""",
    _C.EVERYTHING_AGAIN: """
        什么都说 | 全都说 | 全部都说 | 恢复全部描述 | 不只说人 | 不只念文字""",
}
_BEFORE: Mapping[Language, str] = {
    "en": """
        please | okay | ok | hey | hi | hello | um | umm | uh | er | erm | hmm | oh | ah | so | well | now | no |
        yes | yeah | right | all right | alright | and | but | then | sorry | excuse me | assistant | just | you |
        can you | could you | would you | will you | can we | i want you to | i'd like you to | i'd like | i want |
        let's | a bit | a little | a little bit | even | much""",
    "zh": """
        请 | 麻烦 | 你 | 能不能 | 可不可以 | 能 | 可以 | 好 | 好的 | 好了 | 嗯 | 呃 | 额 | 啊 | 哦 | 那个 | 那 | 喂 |
        嘿 | 嗨 | 你好 | 助手 | 我要 | 我想 | 我想要 | 帮我 | 给我 | 就 | 先 | 请问 | 行了 | ok | okay | hey | 清 |
        轻 | 庆 | 情""",
}
"""What may stand before a command. The last four are how Whisper spells 请."""
_AFTER: Mapping[Language, str] = {
    "en": """
        please | now | right now | then | thanks | thank you | okay | ok | assistant | for me | to me | a bit |
        a little | a little bit | would you | will you | could you | can you | again | at once | just | already | um |
        uh""",
    "zh": """
        一下 | 好吗 | 好不好 | 可以吗 | 行吗 | 行不行 | 吧 | 了 | 啊 | 呀 | 哦 | 啦 | 谢谢 | 谢谢你 | 嗯 | 助手 |
        好了 | 好的 | ok""",
}
"""What may stand after one."""
AROUND: Mapping[Language, tuple[tuple[str, str], ...]] = {"en": (), "zh": (("能", "吗"), ("可以", "吗"))}
"""What may stand around one: 吗 alone makes a question of it (停了吗)."""


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split("|"))


WORDINGS: Mapping[Language, Mapping[Command, tuple[str, ...]]] = {
    "en": {command: _phrases(wordings) for command, wordings in _ENGLISH.items()},
    "zh": {command: _phrases(wordings) for command, wordings in _CHINESE.items()},
}
BEFORE: Mapping[Language, tuple[str, ...]] = {language: _phrases(text) for language, text in _BEFORE.items()}
AFTER: Mapping[Language, tuple[str, ...]] = {language: _phrases(text) for language, text in _AFTER.items()}
