"""NumPy with scipy.fft, the FFT workers being threads."""


def load(threads):
    import numpy as np
    import scipy
    import scipy.fft

    axes = (-2, -1)

    def fft2(x, axes=axes, **options):
        return scipy.fft.fftn(x, axes=axes, norm="ortho", workers=threads, **options)

    def ifft2(x, axes=axes):
        return scipy.fft.ifftn(x, axes=axes, norm="ortho", workers=threads, overwrite_x=True)

    def fft2c(x, axes=axes):
        return np.fft.fftshift(fft2(np.fft.ifftshift(x, axes=axes), axes, overwrite_x=True), axes=axes)

    def sense_normal(maps, x, mask, axes=axes):
        kspace = fft2(np.fft.ifftshift(maps * x, axes=axes), axes, overwrite_x=True)
        kspace *= np.fft.ifftshift(mask)  # instead of two shifts of k-space
        return (maps.conj() * np.fft.fftshift(ifft2(kspace, axes), axes=axes)).sum(0)

    def soft(x, t):
        return x * np.maximum(1 - t / np.maximum(np.abs(x), np.float32(1e-12)), 0)

    def fista_step(x, z, y, maps, mask):
        kspace = fft2(np.fft.ifftshift(maps * z, axes=axes), overwrite_x=True)
        kspace *= np.fft.ifftshift(mask)
        kspace -= np.fft.ifftshift(y, axes=axes)
        kspace *= np.fft.ifftshift(mask)
        gradient = (maps.conj() * np.fft.fftshift(ifft2(kspace), axes=axes)).sum(0)
        following = soft(z - np.float32(0.5) * gradient, np.float32(1e-3))
        return [following, following + np.float32(0.7) * (following - x)]

    def fista_l1_db4_iteration(x, b, maps, mask):
        v = x - (sense_normal(maps, x, mask) - b)
        c, slices = pywt.coeffs_to_array(pywt.wavedec2(v, "db4", "periodization", 3))
        return pywt.waverec2(pywt.array_to_coeffs(soft(c, np.float32(0.01)), slices, "wavedec2"), "db4", "periodization")

    ops = {
        "fft2_c64": fft2,
        "fft2c_c64": fft2c,
        "fft_c64": lambda x: scipy.fft.fft(x, workers=threads),
        "fft_prime": lambda x: scipy.fft.fft(x, workers=threads),
        "complex_mul_Sx_alloc": lambda s, x: s * x,
        "rss": lambda s: np.sqrt((s.real**2 + s.imag**2).sum(0)),
        "sense_normal": sense_normal,
        "sense_normal_1d": lambda maps, x, mask: sense_normal(maps, x, mask, (-1,)),
        "fista_step": fista_step,
    }
    try:
        import pywt

        ops["fista_l1_db4_L3_iteration"] = fista_l1_db4_iteration
    except ImportError:
        pass
    return f"scipy {scipy.__version__}, NumPy {np.__version__}", threads, ops
