#!/usr/bin/env python3
"""Draws the test pattern that the emulator streams, and encodes it as test-pattern.h264 and
test-pattern.ivf beside this file. Needed only to change the pattern: `apt-get install ffmpeg` first.

The pattern: colour bars, a hand that turns once in the clip, a block that travels along the bottom,
and the second in seven segments. All of it is drawn here."""

import math
import pathlib
import subprocess

WIDTH, HEIGHT, RATE, SECONDS = 640, 360, 20, 5
HERE = pathlib.Path(__file__).parent
# Luma and both chromas.
DARK, LIGHT, ACCENT = (30, 128, 128), (225, 128, 128), (150, 70, 180)
BARS = [(225, 128, 128), (200, 30, 145), (165, 150, 30), (140, 60, 40), (100, 195, 215), (80, 100, 235), (45, 230, 115), (16, 128, 128)]
# Top, upper left, upper right, middle, lower left, lower right, bottom.
SEGMENTS = {0: "1110111", 1: "0010010", 2: "1011101", 3: "1011011", 4: "0111010"}


class Frame:
    """A picture in YUV 4:2:0."""

    def __init__(self):
        self.planes = [bytearray([DARK[0]]) * (WIDTH * HEIGHT)]
        self.planes += [bytearray([DARK[n]]) * (WIDTH * HEIGHT // 4) for n in (1, 2)]

    def fill(self, left, top, width, height, colour):
        for plane, value, scale in zip(self.planes, colour, (1, 2, 2)):
            stride = WIDTH // scale
            for row in range(top // scale, (top + height) // scale):
                start = row * stride + left // scale
                plane[start : start + width // scale] = bytes([value]) * (width // scale)


def draw(number):
    frame = Frame()
    bar = WIDTH // len(BARS)
    for index, colour in enumerate(BARS):
        frame.fill(index * bar, 0, bar, 120, colour)
    hand(frame, number / (RATE * SECONDS))
    digit(frame, number // RATE)
    travel = (WIDTH - 40) * number // (RATE * SECONDS) // 2 * 2
    frame.fill(0, 316, WIDTH, 4, LIGHT)
    frame.fill(travel, 320, 40, 40, ACCENT)
    return b"".join(frame.planes)


def hand(frame, turn):
    angle = 2 * math.pi * turn
    for step in range(0, 78, 2):
        x, y = 440 + step * math.sin(angle), 218 - step * math.cos(angle)
        frame.fill(int(x) // 2 * 2, int(y) // 2 * 2, 8, 8, LIGHT)


def digit(frame, value):
    boxes = [(0, 0, 60, 12), (0, 0, 12, 72), (48, 0, 12, 72), (0, 60, 60, 12)]
    boxes += [(0, 60, 12, 72), (48, 60, 12, 72), (0, 120, 60, 12)]
    for lit, (left, top, width, height) in zip(SEGMENTS[value], boxes):
        if lit == "1":
            frame.fill(150 + left, 154 + top, width, height, ACCENT)


def encode(frames, *options):
    source = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "-"]
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-y", *source, "-threads", "1", "-flags", "+bitexact", *options],
        input=frames, check=True,
    )


def main():
    frames = b"".join(draw(number) for number in range(RATE * SECONDS))
    # An access unit delimiter before each picture is how the emulator finds it; a key frame every
    # second is where a viewer can join.
    x264 = f"keyint={RATE}:min-keyint={RATE}:scenecut=0:aud=1:repeat-headers=1"
    encode(
        frames, "-c:v", "libx264", "-profile:v", "baseline", "-level", "3.1", "-preset", "veryslow", "-crf", "26",
        "-x264-params", x264, "-bsf:v", "filter_units=remove_types=6", "-f", "h264", str(HERE / "test-pattern.h264"),
    )
    encode(
        frames, "-c:v", "libvpx", "-g", str(RATE), "-keyint_min", str(RATE), "-auto-alt-ref", "0", "-lag-in-frames",
        "0", "-b:v", "300k", "-crf", "20", "-f", "ivf", str(HERE / "test-pattern.ivf"),
    )


main()
