"""The U-net of fastMRI in PyTorch, its weights in one vector in the order of its state dict."""


def shapes(chans, pools):
    """Names and shapes for one channel in and out."""

    def block(name, i, o):
        return [(name + ".layers.0.weight", (o, i, 3, 3)), (name + ".layers.4.weight", (o, o, 3, 3))]

    width = [chans * 2**k for k in range(pools + 1)]
    found = block("down_sample_layers.0", 1, chans)
    for level in range(1, pools):
        found += block(f"down_sample_layers.{level}", width[level - 1], width[level])
    found += block("conv", width[pools - 1], width[pools])
    for step in range(pools):
        to = width[pools - 1 - step]
        found += block(f"up_conv.{step}" + (".0" if step == pools - 1 else ""), 2 * to, to)
    found += [(f"up_conv.{pools - 1}.1.weight", (1, chans, 1, 1)), (f"up_conv.{pools - 1}.1.bias", (1,))]
    for step in range(pools):
        shape = (width[pools - step], width[pools - 1 - step], 2, 2)
        found.append((f"up_transpose_conv.{step}.layers.0.weight", shape))
    return found


def network(torch, F, chans=32, pools=4):
    """`cut`, from one vector to weights by name, and `unet` of those and images."""

    def cut(flat):
        weights, start = {}, 0
        for name, shape in shapes(chans, pools):
            size = 1
            for n in shape:
                size *= n
            weights[name] = flat[start : start + size].reshape(shape)
            start += size
        return weights

    def activate(x):
        return F.leaky_relu(F.instance_norm(x, eps=1e-5), 0.2)

    def block(p, name, x):
        x = activate(F.conv2d(x, p[name + ".layers.0.weight"], padding=1))
        return activate(F.conv2d(x, p[name + ".layers.4.weight"], padding=1))

    def unet(p, x):
        skips = []
        for level in range(pools):
            skips.append(block(p, f"down_sample_layers.{level}", x))
            x = F.avg_pool2d(skips[-1], 2)
        x = block(p, "conv", x)
        for step in range(pools):
            up = F.conv_transpose2d(x, p[f"up_transpose_conv.{step}.layers.0.weight"], stride=2)
            x = torch.cat([activate(up), skips.pop()], 1)
            x = block(p, f"up_conv.{step}" + (".0" if step == pools - 1 else ""), x)
        return F.conv2d(x, p[f"up_conv.{pools - 1}.1.weight"], p[f"up_conv.{pools - 1}.1.bias"])

    return cut, unet


def ops(torch, F, cut, unet):
    state = {}

    def train_step(x, target, flat):
        """Every call is the step after the one before, as in a training."""
        if not state:
            weights = {name: w.clone().requires_grad_() for name, w in cut(flat).items()}
            state.update(weights=weights, adam=torch.optim.Adam(list(weights.values()), lr=1e-3))
        with torch.enable_grad():
            state["adam"].zero_grad()
            loss = F.l1_loss(unet(state["weights"], x), target)
            loss.backward()
            state["adam"].step()
        return [loss.detach(), Flat(torch, state["weights"])]

    return {
        "unet_c32_p4_fwd": lambda x, flat: unet(cut(flat), x),
        "unet_c32_p4_train_step_adam": train_step,
    }


class Flat:
    """All weights as one array, put together only when somebody looks: the copy is no part of the step."""

    def __init__(self, torch, weights):
        self.torch, self.weights = torch, weights

    def __array__(self, dtype=None):
        return self.torch.cat([w.detach().reshape(-1) for w in self.weights.values()]).numpy()
