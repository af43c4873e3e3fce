"""One iteration of the attacks of benches/cases/attack.ts in PyTorch."""


def ops(torch, F, fft2c, ifft2c, cut, unet):
    def energy(x):
        return torch.view_as_real(x).square().sum()

    def into_ball(e):
        return e * torch.clamp(1 / torch.linalg.vector_norm(e), max=1)

    def reconstruct(weights, kspace, mask):
        """Zero-filled magnitudes, to mean 0 and deviation 1 and clamped, through the network, and back."""
        coils = ifft2c(kspace * mask)
        image = (coils.real**2 + coils.imag**2).sum(0).sqrt()
        mean, std = image.mean(), image.std() + 1e-11
        return unet(weights, ((image - mean) / std).clamp(-6, 6)[None, None])[0, 0] * std + mean

    def pgd_unet_iteration(e, y, mask, clean, flat):
        with torch.enable_grad():
            e = e.detach().requires_grad_()
            value = (reconstruct(cut(flat), y + e, mask) - clean).square().sum()
            (gradient,) = torch.autograd.grad(value, e)
        e = e.detach()
        return [value.detach(), into_ball(e + gradient * (0.25 / torch.linalg.vector_norm(gradient)))]

    # Daubechies' wavelet with two vanishing moments, and its quadrature mirror: all four products, as one strided convolution
    low = torch.tensor([0.48296291314453416, 0.8365163037378079, 0.2241438680420134, -0.12940952255126037])
    high = torch.tensor([-0.12940952255126037, -0.2241438680420134, 0.8365163037378079, -0.48296291314453416])
    bands = torch.stack([torch.outer(a, b) for a in (low, high) for b in (low, high)])[:, None]

    def wavelet_l1(x, levels=3):
        """Sum of the moduli of all coefficients, the image continued periodically."""
        total, x = 0, torch.view_as_real(x).permute(2, 0, 1)[:, None]
        for _ in range(levels):
            found = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), bands, stride=2)
            total = total + torch.linalg.vector_norm(found[:, 1:], dim=0).sum()
            x = found[:, :1]
        return total + torch.linalg.vector_norm(x, dim=0).sum()

    def joint_attack_l1_iteration(x, e, y, maps, mask, z):
        with torch.enable_grad():
            x, e = (t.detach().requires_grad_() for t in (x, e))
            coils = maps * x
            misfit = 0.5 * energy(mask * (fft2c(coils) - (y + e)))
            value = misfit + 0.005 * wavelet_l1(x) - 0.5 * energy(coils - z)
            of_x, of_e = torch.autograd.grad(value, (x, e))
        return [x.detach() - of_x * 0.283, into_ball(e.detach() - of_e * 0.283)]

    return {
        "pgd_unet_iteration": pgd_unet_iteration,
        "joint_attack_l1_iteration": joint_attack_l1_iteration,
    }
