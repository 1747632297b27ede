"""A voice assistant for people who cannot see: camera, microphone, vision-language model and voice, all on this machine."""
