"""Names of the keys and buttons of Linux' input devices, as ``evtest`` and ``libinput debug-events`` tell them.

From linux/input-event-codes.h, as far as they are on keyboards, headsets, remote controls, foot switches, mice and game pads.
"""

from __future__ import annotations

_ROWS = {
    1: "ESC 1 2 3 4 5 6 7 8 9 0 MINUS EQUAL BACKSPACE",
    15: "TAB Q W E R T Y U I O P LEFTBRACE RIGHTBRACE ENTER LEFTCTRL A S D F G H J K L SEMICOLON APOSTROPHE GRAVE",
    42: "LEFTSHIFT BACKSLASH Z X C V B N M COMMA DOT SLASH RIGHTSHIFT KPASTERISK LEFTALT SPACE CAPSLOCK",
    59: "F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NUMLOCK SCROLLLOCK KP7 KP8 KP9 KPMINUS KP4 KP5 KP6 KPPLUS KP1 KP2 KP3 KP0 KPDOT",
    86: "102ND F11 F12",
    96: "KPENTER RIGHTCTRL KPSLASH SYSRQ RIGHTALT LINEFEED HOME UP PAGEUP LEFT RIGHT END DOWN PAGEDOWN INSERT DELETE MACRO MUTE",
    114: "VOLUMEDOWN VOLUMEUP POWER KPEQUAL KPPLUSMINUS PAUSE SCALE KPCOMMA",
    125: "LEFTMETA RIGHTMETA COMPOSE STOP AGAIN PROPS UNDO FRONT COPY OPEN PASTE FIND CUT HELP MENU CALC",
    163: "NEXTSONG PLAYPAUSE PREVIOUSSONG STOPCD RECORD REWIND PHONE",
    183: "F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24",
    200: "PLAYCD PAUSECD",
    207: "PLAY FASTFORWARD",
    217: "SEARCH",
    226: "MEDIA",
    248: "MICMUTE",
    352: "OK SELECT",
    582: "VOICECOMMAND ASSISTANT",
}
"""For each code the names, without KEY_, from there on."""
_BUTTON_ROWS = {
    256: "0 1 2 3 4 5 6 7 8 9",
    272: "LEFT RIGHT MIDDLE SIDE EXTRA FORWARD BACK TASK",
    288: "TRIGGER THUMB THUMB2 TOP TOP2 PINKIE BASE BASE2 BASE3 BASE4 BASE5 BASE6",
    304: "SOUTH EAST C NORTH WEST Z TL TR TL2 TR2 SELECT START MODE THUMBL THUMBR",
}
"""The same, without BTN_."""

KEY_CODES = {
    f"{prefix}_{name}": first + place
    for prefix, rows in (("KEY", _ROWS), ("BTN", _BUTTON_ROWS))
    for first, names in rows.items()
    for place, name in enumerate(names.split())
}
"""The code of each name."""
