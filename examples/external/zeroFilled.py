"""A reconstruction in PyTorch for `adjoint attack --method-cmd` and `externalMethod`: zero-filled, root sum of squares.

    adjoint attack --method-cmd 'python3 examples/external/zeroFilled.py {in} {out}' --import a.h5 --in k.h5 --mask m.h5 --out b.h5

Replace `reconstruct` by your network: it gets complex samples, zero where nothing was measured, and returns magnitudes.
"""
import sys

import h5py
import torch


def reconstruct(kspace, mask):
    """kspace complex64 [slices, coils, H, W], mask float32 [W] or [H, W] -> float32 [slices, H, W]"""
    images = torch.fft.ifft2(torch.fft.ifftshift(kspace * mask, dim=(-2, -1)), norm="ortho")
    return torch.fft.fftshift(images, dim=(-2, -1)).abs().square().sum(1).sqrt()


def main(source, target):
    with h5py.File(source) as file:
        kspace, mask = (torch.from_numpy(file[name][()]) for name in ("kspace", "mask"))
        crop = file.attrs.get("crop")
    image = reconstruct(kspace, mask)
    if crop is not None:
        h, w = (int(n) for n in (crop.decode() if isinstance(crop, bytes) else crop).split(","))
        top, left = (image.shape[-2] - h) // 2, (image.shape[-1] - w) // 2
        image = image[:, top : top + h, left : left + w]
    with h5py.File(target, "w") as file:
        file["reconstruction"] = image.numpy()


if __name__ == "__main__":
    main(*sys.argv[1:3])
