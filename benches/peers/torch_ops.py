"""PyTorch on the CPU, eager; a row's inputs become tensors that share the arrays' memory."""
import torch_attack
import torch_unet


def load(threads):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    axes = (-2, -1)

    def fft2c(x, axes=axes):
        shifted = torch.fft.fftn(torch.fft.ifftshift(x, dim=axes), dim=axes, norm="ortho")
        return torch.fft.fftshift(shifted, dim=axes)

    def ifft2c(x, axes=axes):
        shifted = torch.fft.ifftn(torch.fft.ifftshift(x, dim=axes), dim=axes, norm="ortho")
        return torch.fft.fftshift(shifted, dim=axes)

    def sense_normal(maps, x, mask, axes=axes):
        return (maps.conj() * ifft2c(mask * fft2c(maps * x, axes), axes)).sum(0)

    def fista_step(x, z, y, maps, mask):
        residual = mask * fft2c(maps * z) - y
        gradient = (maps.conj() * ifft2c(mask * residual)).sum(0)
        moved = z - 0.5 * gradient
        following = moved * torch.relu(1 - 1e-3 / moved.abs().clamp_min(1e-12))
        return [following, following + 0.7 * (following - x)]

    def forward_backward(x, w, gradient):
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            w = w.detach().requires_grad_()
            F.conv2d(x, w, padding=1).backward(gradient)
        return [x.grad, w.grad]

    def launches(x):
        for _ in range(100):
            x = torch.cumsum(x, 0)
        return x

    ops = {
        "fft2_c64": lambda x: torch.fft.fft2(x, norm="ortho"),
        "fft2c_c64": fft2c,
        "fft_c64": torch.fft.fft,
        "fft_prime": torch.fft.fft,
        "complex_mul_Sx_alloc": lambda s, x: s * x,
        "rss": lambda s: (s.real**2 + s.imag**2).sum(0).sqrt(),
        "sense_normal": sense_normal,
        "sense_normal_1d": lambda maps, x, mask: sense_normal(maps, x, mask, (-1,)),
        "fista_step": fista_step,
        "chain_4m": lambda x, y: torch.sigmoid(torch.relu((x * y + x) * 0.5)),
        "launches_100": launches,
        "matmul_1024": torch.matmul,
        "matmul_c64_512": torch.matmul,
        "einsum_bij_bjk": lambda a, b: torch.einsum("bij,bjk->bik", a, b),
        "moments": lambda x: torch.var(x, 1, unbiased=False),
        "max_pool2d": lambda x: F.max_pool2d(x, 2),
        "avg_pool2d": lambda x: F.avg_pool2d(x, 2),
        "resize_bilinear": lambda x: F.interpolate(x, (320, 320), mode="bilinear"),
        "pad_reflect": lambda x: F.pad(x, (1, 1, 1, 1), mode="reflect"),
        "abs": torch.abs,
        "exp": torch.exp,
        "transpose_copy": lambda x: x.T.contiguous(),
        "sum_all": torch.sum,
        "sum_rows": lambda x: x.sum(0),
        "cumsum": lambda x: torch.cumsum(x, -1),
        "sort": lambda x: torch.sort(x).values,
    }
    for channels in (32, 64, 128):
        name = f"conv2d_3x3_{channels}to{channels}"
        ops[f"{name}_fwd"] = lambda x, w: F.conv2d(x, w, padding=1)
        ops[f"{name}_fwd_bwd"] = forward_backward

    cut, unet = torch_unet.network(torch, F)
    ops.update(torch_unet.ops(torch, F, cut, unet))
    ops.update(torch_attack.ops(torch, F, fft2c, ifft2c, cut, unet))

    def on_tensors(op):
        return lambda *arrays: op(*(torch.from_numpy(array) for array in arrays))

    build = "with MKL" if torch.backends.mkl.is_available() else "without MKL"
    onednn = "with oneDNN" if torch.backends.mkldnn.is_available() else "without oneDNN"
    version = f"PyTorch {torch.__version__} ({build}, {onednn})"
    return version, torch.get_num_threads(), {name: on_tensors(op) for name, op in ops.items()}
