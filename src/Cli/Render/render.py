"""Renders some frames of the open scene, or some tiles of one frame: a file each. Run by Blender; its arguments stand behind '--'."""
import os
import sys
import threading
import time

import bpy

LOG_TAIL = 4096
LINE_MAX = 200
TELL_SECONDS = 30


class Quiet:
    """What Blender says while it renders goes to a pipe, for it says hundreds of lines a frame: its newest line is shown now and then, and the
    end of it where a frame fails or Blender crashes."""

    def __init__(self):
        self.outlet, self.inlet = os.pipe()
        self.tail, self.is_new, self.name = b"", False, ""
        self.drained = threading.Event()
        self.stdout = os.dup(1)
        for work in (self.drain, self.tell):
            threading.Thread(target=work, daemon=True).start()

    def drain(self):
        while True:
            got = os.read(self.outlet, 65536)
            self.tail = (self.tail + got)[-LOG_TAIL:]
            self.is_new = True
            if b".crash.txt" in got:  # it has crashed, writes down how, and ends then
                self.show_tail()
            if b"\0" in got:
                self.drained.set()

    def tell(self):
        """A Blender that says nothing is not spoken for: --stall ends it."""
        while True:
            time.sleep(TELL_SECONDS)
            lines = [line for line in self.tail.replace(b"\r", b"\n").replace(b"\0", b"").split(b"\n") if line.strip()]
            if self.is_new and self.name and lines:
                self.is_new = False
                os.write(self.stdout, self.name.encode() + b": " + lines[-1].strip()[:LINE_MAX] + b"\n")

    def show_tail(self):
        os.write(2, self.tail.replace(b"\0", b"").strip() + b"\n")

    def of(self, name):
        self.name, self.tail, self.is_new = name, b"", False
        self.drained.clear()
        return self

    def __enter__(self):
        sys.stdout.flush()
        os.dup2(self.inlet, 1)

    def __exit__(self, kind, error, trace):
        sys.stdout.flush()
        os.dup2(self.stdout, 1)
        self.name = ""
        os.write(self.inlet, b"\0")
        self.drained.wait(5)
        if kind is not None:
            self.show_tail()


def tile_border(render, columns, rows, tile):
    """Tile 0 is the upper left one. Edges lie a quarter of a pixel behind whole ones, so that neither rounding nor cutting off moves them."""
    width = render.resolution_x * render.resolution_percentage // 100
    height = render.resolution_y * render.resolution_percentage // 100
    if columns > width or rows > height:
        raise RuntimeError("the picture has %d x %d pixels, too few for %d x %d tiles" % (width, height, columns, rows))

    def edge(index, count, size):
        return 0.0 if index == 0 else min(1.0, (size * index // count + 0.25) / size)

    column, row = tile % columns, rows - 1 - tile // columns  # Blender counts from below
    render.use_border = render.use_crop_to_border = True
    render.border_min_x, render.border_max_x = edge(column, columns, width), edge(column + 1, columns, width)
    render.border_min_y, render.border_max_y = edge(row, rows, height), edge(row + 1, rows, height)


def main(first, last, step, prefix, digits, suffix, file_format, columns, rows, frame):
    if not bpy.data.filepath:
        raise RuntimeError("the scene was not opened")

    saved, own = tuple(bpy.data.version)[:2], tuple(bpy.app.version)[:2]
    if saved > own:
        raise RuntimeError("the scene was saved by Blender %d.%d, and this is %d.%d, which may lose parts of it" % (saved + own))

    scene = bpy.context.scene
    render = scene.render
    if columns and render.use_border:
        raise RuntimeError("the scene renders a region of the picture alone: turn Render Region off in it, or render it without --tiles")

    if hasattr(render.image_settings, "media_type"):  # Blender 5: else it offers the formats of videos alone
        render.image_settings.media_type = "MULTI_LAYER_IMAGE" if file_format == "OPEN_EXR_MULTILAYER" else "IMAGE"
    render.image_settings.file_format = file_format
    render.use_file_extension = False
    render.threads_mode = "FIXED"
    render.threads = max(1, int(os.environ.get("AKC_CORES", "1")))
    quiet = Quiet()
    for number in range(first, last + (1 if step > 0 else -1), step):
        name = "%s%0*d%s" % (prefix, digits + (1 if number < 0 else 0), number, suffix)
        part = os.path.abspath(name + ".part")
        started = time.monotonic()
        with quiet.of(name):
            if columns:
                tile_border(render, columns, rows, number - 1)
            scene.frame_set(frame if columns else number)
            render.filepath = part
            bpy.ops.render.render(write_still=True)
            if not os.path.exists(part):
                raise RuntimeError("Blender wrote no picture: the scene may have no camera, or views of its own")
        os.replace(part, name)  # whole or not at all
        print("%s in %.1f s" % (name, time.monotonic() - started), flush=True)


try:
    first, last, step, prefix, digits, suffix, file_format, columns, rows, frame = sys.argv[sys.argv.index("--") + 1:]
    main(int(first), int(last), int(step), prefix, int(digits), suffix, file_format, int(columns), int(rows), int(frame))
except Exception as error:  # left to Blender, it would print this whole script
    print("akc render: %s" % error, file=sys.stderr, flush=True)
    sys.exit(1)
