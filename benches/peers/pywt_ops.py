"""PyWavelets: one thread."""


def load(_threads):
    import pywt

    wavelet = ("db4", "periodization")

    def dwt2(x):
        approximation, details = pywt.dwt2(x, *wavelet)
        return [approximation, *details]

    def wavedec2(x):
        approximation, *details = pywt.wavedec2(x, *wavelet, 3)
        return [approximation, *(band for level in details for band in level)]

    def waverec2(approximation, *bands):
        details = [tuple(bands[i : i + 3]) for i in range(0, len(bands), 3)]
        return pywt.waverec2([approximation, *details], *wavelet)

    ops = {
        "dwt2_db4": dwt2,
        "idwt2_db4": lambda approximation, *details: pywt.idwt2((approximation, details), *wavelet),
        "wavedec2_db4_L3": wavedec2,
        "waverec2_db4_L3": waverec2,
    }
    return f"PyWavelets {pywt.__version__}", 1, ops
