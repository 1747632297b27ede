"""The assistant on the page: the same conversation, with somebody's phone for microphone, camera and loudspeaker."""
