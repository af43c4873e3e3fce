"""Times PyTorch on CUDA for the workloads of workloads.mjs: torch_cuda.py small|full [NAME]. Prints one JSON object."""

import json
import sys
import time

import torch

if not torch.cuda.is_available():
    sys.exit("torch finds no CUDA device")
size, only = sys.argv[1], (sys.argv[2] if len(sys.argv) > 2 else "")
is_full = size == "full"
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True
cuda = torch.device("cuda")
seconds = {}


def measure(name, f):
    """Median over samples of the time per call; each sample enqueues calls for about 20 ms, then waits."""
    if only not in name:
        return

    def once(calls):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(calls):
            f()
        torch.cuda.synchronize()
        return (time.perf_counter() - start) / calls

    for _ in range(3):
        once(1)
    calls = max(1, min(200, round(0.02 / once(2))))
    samples = sorted(once(calls) for _ in range(15))
    seconds[name] = samples[len(samples) // 2]


def real(*shape):
    return torch.randn(*shape, device=cuda)


def cplx(*shape):
    return torch.randn(*shape, dtype=torch.complex64, device=cuda)


def centred(f, x):
    shifted = torch.fft.ifftshift(x, dim=(-2, -1))
    return torch.fft.fftshift(f(shifted, norm="ortho"), dim=(-2, -1))


for n in [1024, 4096] if is_full else [256]:
    a, b = real(n, n), real(n, n)
    measure(f"matmul {n}", lambda: a @ b)

for coils, h, w in [(15, 640, 368), (8, 320, 320), (64, 256, 256)] if is_full else [(4, 64, 48)]:
    z = cplx(coils, h, w)
    x, maps, mask = cplx(h, w), cplx(coils, h, w), real(w)
    measure(f"fft2 {coils}x{h}x{w}", lambda: torch.fft.fft2(z))
    measure(
        f"sense_normal {coils}x{h}x{w}",
        lambda: (maps.conj() * centred(torch.fft.ifft2, mask * centred(torch.fft.fft2, maps * x))).sum(0),
    )

for n, c, h in [(1, 32, 320), (1, 64, 160), (1, 128, 80), (8, 64, 160)] if is_full else [(1, 16, 32)]:
    x, w = real(n, c, h, h), real(c, c, 3, 3) * 0.05
    conv = torch.nn.functional.conv2d
    measure(f"conv3x3 {n}x{c}x{h}x{h}", lambda: conv(x, w, padding=1))
    xg, wg = x.clone().requires_grad_(), w.clone().requires_grad_()

    def both():
        torch.autograd.grad(conv(xg, wg, padding=1).square().sum(), [xg, wg])

    measure(f"conv3x3 fwd+bwd {n}x{c}x{h}x{h}", both)
    measure(f"instanceNorm {n}x{c}x{h}x{h}", lambda: torch.nn.functional.instance_norm(x))

for n in [2**22, 2**26] if is_full else [2**16]:
    x, y = real(n), real(n)
    label = f"{n // 1024}k" if n < 2**20 else f"{n // 2**20}M"
    measure(f"chain {label}", lambda: torch.sigmoid(torch.relu((x * y + x) * 0.5)))
    measure(f"sum {label}", lambda: x.sum())
    measure(f"argsort {label}", lambda: torch.argsort(x, stable=True))

note = f"PyTorch {torch.__version__} on {torch.cuda.get_device_name()}, f32 without TF32"
print(json.dumps({"note": note, "seconds": seconds}))
