"""Renders some frames of the open scene, or some tiles of one frame: a file each. Run by Blender; its arguments stand behind '--'."""
import os
import sys
import tempfile
import time

import bpy

LOG_TAIL = 4096


class Quiet:
    """What Blender says while it renders goes to a file, of which the end is shown where a frame fails: it says hundreds of lines a frame."""

    def __init__(self):
        self.log = os.open(os.path.join(tempfile.gettempdir(), "akc-blender-%d.log" % os.getpid()), os.O_RDWR | os.O_CREAT | os.O_TRUNC)

    def __enter__(self):
        os.ftruncate(self.log, 0)
        os.lseek(self.log, 0, os.SEEK_SET)
        sys.stdout.flush()
        self.stdout = os.dup(1)
        os.dup2(self.log, 1)

    def __exit__(self, kind, error, trace):
        sys.stdout.flush()
        os.dup2(self.stdout, 1)
        os.close(self.stdout)
        if kind is not None:
            size = os.lseek(self.log, 0, os.SEEK_END)
            os.lseek(self.log, max(0, size - LOG_TAIL), os.SEEK_SET)
            os.write(2, os.read(self.log, LOG_TAIL))


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

    scene = bpy.context.scene
    render = scene.render
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
        with quiet:
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
