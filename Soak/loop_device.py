"""File systems on loop devices, which can lose their power."""

import fcntl
import os
import subprocess
import sys
import time

XFS_IOC_GOINGDOWN = 0x8004587D  # _IOR('X', 125, __u32); ext4 has the same number
NO_LOG_FLUSH = (2).to_bytes(4, sys.byteorder)


def need_root_and(*programs):
    """Ends with a clear word where the machine can't do it; a skipped test is no failed one."""
    if os.geteuid() != 0:
        print(f"{os.path.basename(sys.argv[0])}: skipped: needs root, for loop devices")
        sys.exit(0)
    for program in programs:
        if not any(os.access(os.path.join(d, program), os.X_OK) for d in ("/usr/sbin", "/sbin", "/usr/bin", "/bin")):
            print(f"{os.path.basename(sys.argv[0])}: skipped: {program} is not installed: apt-get install xfsprogs e2fsprogs")
            sys.exit(0)
    probe = subprocess.run(["losetup", "-f"], capture_output=True, text=True)
    if probe.returncode != 0:
        print(f"{os.path.basename(sys.argv[0])}: skipped: no loop device: {probe.stderr.strip()}")
        sys.exit(0)


def run(*command, check=True):
    result = subprocess.run(command, capture_output=True, text=True)
    if check and result.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {result.stderr.strip() or result.stdout.strip()}")
    return result


class FileSystem:
    """One file system in an image file, mounted through a loop device."""

    def __init__(self, kind, directory, size, options=(), materialize=False):
        self.kind = kind
        self.image = os.path.join(directory, f"{kind}.image")
        self.mount_point = os.path.join(directory, kind)
        self.device = None
        os.makedirs(self.mount_point, exist_ok=True)
        with open(self.image, "wb") as file:
            file.truncate(size)
        make = {"ext4": ["mkfs.ext4", "-q", "-F", "-b", "4096", "-m", "0"], "xfs": ["mkfs.xfs", "-q", "-f"]}[kind]
        run(*make, *options, self.image)
        if materialize:
            self.materialize_metadata()
        self.device = run("losetup", "-f", "--show", self.image).stdout.strip()

    def one_page_a_request(self):
        """Lets no request be longer than a page.

        Of a longer one a full backing file takes the beginning, and the loop device then says that all of it was written
        (drivers/block/loop.c, lo_complete_rq): a disk that lies, against which no log can hold.
        """
        with open(f"/sys/block/{os.path.basename(self.device)}/queue/max_sectors_kb", "w") as file:
            file.write("4")

    def materialize_metadata(self):
        """Gives the image's journal and first tables their room now, so that later only data can fail for want of it."""
        if self.kind != "ext4":
            return  # mkfs.xfs has written its whole log.
        block = 4096
        blocks = set(range((16 << 20) // block))
        blocks.update(map(int, run("debugfs", "-R", "blocks <8>", self.image).stdout.split()))
        with open(self.image, "r+b") as file:
            for number in sorted(blocks):
                data = os.pread(file.fileno(), block, number * block)
                os.pwrite(file.fileno(), data, number * block)

    def mount(self):
        run("mount", "-t", self.kind, self.device, self.mount_point)

    def unmount(self, patience=0):
        """`patience`: seconds in which processes that were killed may still hold files."""
        end = time.monotonic() + patience
        while run("umount", self.mount_point, check=time.monotonic() >= end).returncode != 0:
            time.sleep(0.02)

    def lose_power(self):
        """What was not synced is gone, and all further writes fail; returns when, in nanoseconds of CLOCK_MONOTONIC.

        As `xfs_io -x -c shutdown`, but made here, so that the moment is known: a machine without power acknowledges nothing,
        while this one goes on, and ext4 may let an fdatasync end well whose extents it could not mark as written any more.
        """
        descriptor = os.open(self.mount_point, os.O_RDONLY)
        try:
            moment = time.monotonic_ns()
            fcntl.ioctl(descriptor, XFS_IOC_GOINGDOWN, NO_LOG_FLUSH)
        finally:
            os.close(descriptor)
        return moment

    def check(self):
        """The file system's own check, with nothing mounted; a text where it finds fault."""
        if self.kind == "ext4":
            result = run("e2fsck", "-f", "-n", self.device, check=False)
            return None if result.returncode == 0 else result.stdout.strip()[-300:]
        result = run("xfs_repair", "-n", self.device, check=False)
        return None if result.returncode == 0 else result.stdout.strip()[-300:]

    def remove(self):
        run("umount", self.mount_point, check=False)
        if self.device:
            run("losetup", "-d", self.device, check=False)
        os.unlink(self.image)
