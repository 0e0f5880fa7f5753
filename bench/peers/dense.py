"""The dense formulation of a KAN in PyTorch, as efficient-kan has it: every basis function of every input by Cox-de Boor's
recursion (as in tfjs-step.ts, which is half the operations of the usual way to write it), then two matrix products, of silu(x)
and of the bases. Reads requests and writes answers, one JSON object a line; torch.ts drives it. A mode is {device, threads,
compile, graph, fused, tf32}.
"""

import array, base64, json, os, platform, sys, time

import torch
import torch.nn.functional as F


def unpack(text, *shape, device):
    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.float32).reshape(shape).to(device)


def pack(tensor):
    # Without NumPy, which need not be there.
    return base64.b64encode(array.array("f", tensor.flatten().tolist())).decode()


class Layer(torch.nn.Module):
    def __init__(self, inputs, outputs, degree, bases, knots, coef, base, device):
        super().__init__()
        knots = unpack(knots, inputs, -1, device=device)
        self.register_buffer("knots", knots)
        # [inputs][G + 2k + 1 - p] for p = 1 to k: 1 / (t_i+p - t_i).
        self.steps = [1 / (knots[:, p:] - knots[:, :-p]) for p in range(1, degree + 1)]
        # [outputs][inputs * bases] and [outputs][inputs], as F.linear wants them.
        coef = unpack(coef, inputs * bases, outputs, device=device)
        self.coef = torch.nn.Parameter(coef.T.contiguous())
        self.base = torch.nn.Parameter(unpack(base, inputs, outputs, device=device).T.contiguous())

    def forward(self, x):
        distance = x.unsqueeze(-1) - self.knots
        above = (distance >= 0).to(x.dtype)
        b = above[..., :-1] - above[..., 1:]
        for step in self.steps:
            rising = distance[..., : b.shape[-1]] * step * b
            b = rising[..., :-1] + (b - rising)[..., 1:]
        return F.linear(F.silu(x), self.base) + F.linear(b.flatten(1), self.coef)


class Trainer:
    def __init__(self, mode, layers, x, y, batch, adam):
        self.mode, device = mode, mode["device"]
        self.held = self.peak = 0
        self.set_mode()
        self.model = torch.nn.Sequential(*[Layer(**layer, device=device) for layer in layers])
        self.x, self.y = (unpack(values, batch, -1, device=device) for values in (x, y))
        # A captured step can't count on the host. foreach is what PyTorch takes itself on CUDA, but not on the CPU.
        options = {"fused": True} if mode["fused"] else {"foreach": device == "cuda"}
        self.adam = torch.optim.Adam(
            self.model.parameters(), lr=adam["rate"], betas=(adam["beta1"], adam["beta2"]), eps=adam["epsilon"],
            capturable=mode["graph"], **options,
        )
        self.loss = lambda: F.mse_loss(self.model(self.x), self.y)
        if mode["compile"]:
            self.loss = torch.compile(self.loss, dynamic=False, fullgraph=True)
        self.graph = None

    def set_mode(self):
        torch.set_num_threads(self.mode["threads"] or ALL_THREADS)
        torch.set_float32_matmul_precision("high" if self.mode["tf32"] else "highest")

    def backward(self):
        self.adam.zero_grad(set_to_none=True)
        loss = self.loss()
        loss.backward()
        return loss

    def step(self):
        loss = self.backward()
        self.adam.step()
        return loss.detach()

    def capture(self):
        """A step as a CUDA graph. The three that it needs before, on a stream of their own, are taken back afterwards."""
        start = [p.detach().clone() for p in self.model.parameters()]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self.step()
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        self.adam.zero_grad(set_to_none=True)
        with torch.cuda.graph(self.graph):
            self.captured = self.step()
        with torch.no_grad():
            for parameter, value in zip(self.model.parameters(), start):
                parameter.copy_(value)
            for state in self.adam.state.values():
                for value in state.values():
                    value.zero_()

    def replay(self):
        self.graph.replay()
        return self.captured

    def gradients(self):
        self.set_mode()
        loss = self.backward()
        layers = [[pack(p.grad.T.contiguous()) for p in (layer.coef, layer.base)] for layer in self.model]
        return {"loss": loss.item(), "layers": layers}

    def measured(self, work):
        """Counts what this trainer allocates on the device, though others are there too."""
        if self.mode["device"] != "cuda":
            return work()
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        result = work()
        self.peak = max(self.peak, self.held + torch.cuda.max_memory_allocated() - before)
        self.held += torch.cuda.memory_allocated() - before
        return result

    def run(self, steps):
        self.set_mode()
        if self.mode["graph"] and self.graph is None:
            self.capture()
        step = self.replay if self.graph else self.step
        if self.mode["device"] == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(steps):
            loss = step()
        loss = loss.item()  # waits for the device
        return {"milliseconds": 1e3 * (time.perf_counter() - start), "loss": loss}


def describe():
    cuda = torch.cuda.is_available()
    return {
        "torch": torch.__version__, "python": platform.python_version(), "threads": ALL_THREADS,
        "cuda": torch.version.cuda if cuda else None, "device": torch.cuda.get_device_name() if cuda else None,
    }


def answer(request):
    kind = request.pop("kind")
    if kind == "describe":
        return describe()
    key = request.pop("key")
    if kind == "open":
        before = torch.cuda.memory_allocated()
        trainers[key] = Trainer(**request)
        trainers[key].held = torch.cuda.memory_allocated() - before
        return {}
    trainer = trainers[key]
    if kind == "run":
        return trainer.measured(lambda: trainer.run(request["steps"]))
    if kind == "gradients":
        return trainer.measured(trainer.gradients)
    if kind == "peak":
        return {"bytes": trainer.peak or None}
    del trainers[key]
    if not trainers and hasattr(torch, "_dynamo"):
        torch._dynamo.reset()  # what was compiled for shapes that are done with costs every call a look
    return {}


ALL_THREADS = torch.get_num_threads()
trainers = {}
# All trainers compile the same lines of Python; beyond this many shapes PyTorch would quietly go back to eager.
if hasattr(torch, "_dynamo"):
    torch._dynamo.config.cache_size_limit = 100
# What libraries print must not come between the answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), file=answers, flush=True)
