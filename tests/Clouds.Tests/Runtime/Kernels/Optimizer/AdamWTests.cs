using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public unsafe class AdamWTests
{
    private static readonly (long Offset, long Length, int Group)[] Layout =
        [(0, 70_001, 0), (70_016, 0, 1), (70_016, 333, 1), (70_400, 31, 0), (70_464, 5, 1)];
    private static readonly GroupSetting[] Groups = [new(1e-3, 0.05), new(1e-4, 0)];

    [NvrtcTheory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    public void Step_EveryClipAndTeacher_GivesTheTwinsBits(int clip, int teacher)
    {
        Twin twin = new();
        OptimizerSettings settings = new((ClipMode)clip, 0.3);
        using EmulatedGpu gpu = new(new EmulatorSettings { Seed = (ulong)((10 * clip) + teacher + 1) });
        using Device device = new(gpu, twin);
        for (int step = 1; step <= 3; step++)
        {
            twin.Load((ulong)step);
            gpu.Stream.Upload<float>(twin.Gradients.Values, device.Gradients.Span);
            OptimizerStep expected = twin.Step(settings, step, (TeacherUpdate)teacher);
            device.Step(settings, step, (TeacherUpdate)teacher);
            Assert.Equal(expected, device.Optimizer.Result(gpu.Stream));
            Assert.Equal(twin.Norms, device.Optimizer.ParameterNorms(gpu.Stream));
            device.AssertEquals(twin);
        }
    }

    [NvrtcFact]
    public void Step_TwentySchedules_GiveTheSameBits()
    {
        Twin twin = new();
        twin.Load(7);
        float[][] before = twin.Copy();
        OptimizerSettings settings = new(ClipMode.FullModel, 0.01);
        twin.Step(settings, 1, TeacherUpdate.AfterStep);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, ResidentBlocks = 1 + (int)(seed % 16) });
            using Device device = new(gpu, before);
            device.Step(settings, 1, TeacherUpdate.AfterStep);
            device.AssertEquals(twin);
        }
    }

    [NvrtcFact]
    public void Step_GradientNotFinite_TouchesNothing()
    {
        Twin twin = new();
        twin.Load(3);
        twin.Gradients.Values[70_020] = float.NaN;
        using EmulatedGpu gpu = new();
        using Device device = new(gpu, twin);
        device.Step(new OptimizerSettings(ClipMode.FullModel, 0.01), 1, TeacherUpdate.AfterStep);
        Assert.True(device.Optimizer.Result(gpu.Stream).Skipped);
        device.AssertEquals(twin);
    }

    [NvrtcFact]
    public void Step_MovesThirtySixBytesAParameterAndFourForTheNorm()
    {
        const int Length = 1 << 18;
        using EmulatedGpu gpu = new();
        using CudaOptimizer optimizer = new(gpu.Kernels, gpu.Stream, [(0, Length, 0)]);
        using DeviceBuffer<float> all = gpu.Upload<float>(Pinned.Uniform(5 * Length, 1, 0.1, 1).Values);
        optimizer.Step(gpu.Stream, new DeviceArenas
        {
            Parameters = all.Span.Slice(0, Length),
            Gradients = all.Span.Slice(Length, Length),
            FirstMoment = all.Span.Slice(2 * Length, Length),
            SecondMoment = all.Span.Slice(3 * Length, Length),
            Teacher = all.Span.Slice(4 * Length, Length),
        }, new OptimizerSettings(ClipMode.FullModel, 0.01), [new GroupSetting(1e-4, 0.05)], 1, TeacherUpdate.AfterStep, 0.999);
        gpu.Stream.Synchronise();

        // Rows of tables and the norm come on top: 8 sectors a block, which updates 8,192 floats.
        Assert.InRange(gpu.Count("adamw").SectorBytes / (double)Length, 36.0, 36.05);
        Assert.InRange(gpu.Count("gradient_squares").SectorBytes / (double)Length, 4.0, 4.01);
    }

    private sealed class Twin
    {
        private readonly Optimizer _optimizer = new(Layout);

        public Pinned<float> Parameters { get; } = Pinned.Normal(70_528, 11);

        public Pinned<float> Gradients { get; } = new(70_528);

        public Pinned<float> First { get; } = new(70_528);

        public Pinned<float> Second { get; } = new(70_528);

        public Pinned<float> Teacher { get; } = Pinned.Normal(70_528, 12);

        public double[] Norms => _optimizer.ParameterNorms.ToArray();

        public void Load(ulong seed) => Pinned.Normal(Gradients.Values.Length, 100 + seed, 0.1).Values.CopyTo(Gradients.Values, 0);

        public float[][] Copy() => [[.. Parameters.Values], [.. Gradients.Values], [.. First.Values], [.. Second.Values], [.. Teacher.Values]];

        public OptimizerStep Step(OptimizerSettings settings, int step, TeacherUpdate teacher)
        {
            OptimizerArenas arenas = new(Parameters.Span, Gradients.Span, First.Span, Second.Span, Teacher.Span);
            return _optimizer.Step(arenas, settings, Groups, step, teacher, 0.99, threads: 1);
        }
    }

    private sealed class Device : IDisposable
    {
        private readonly EmulatedGpu _gpu;
        private readonly DeviceBuffer<float>[] _arenas;

        public Device(EmulatedGpu gpu, Twin twin)
            : this(gpu, twin.Copy())
        {
        }

        public Device(EmulatedGpu gpu, float[][] arenas)
        {
            _gpu = gpu;
            _arenas = [.. arenas.Select(arena => gpu.Upload<float>(arena))];
            Optimizer = new CudaOptimizer(gpu.Kernels, gpu.Stream, Layout);
        }

        public CudaOptimizer Optimizer { get; }

        public DeviceBuffer<float> Gradients => _arenas[1];

        public void Step(OptimizerSettings settings, int step, TeacherUpdate teacher)
            => Optimizer.Step(_gpu.Stream, ArenasOnDevice.Of(_arenas), settings, Groups, step, teacher, 0.99);

        public void AssertEquals(Twin twin)
        {
            Assert.Equal(twin.Parameters.Values, _gpu.Download(_arenas[0]));
            Assert.Equal(twin.First.Values, _gpu.Download(_arenas[2]));
            Assert.Equal(twin.Second.Values, _gpu.Download(_arenas[3]));
            Assert.Equal(twin.Teacher.Values, _gpu.Download(_arenas[4]));
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            Array.ForEach(_arenas, arena => arena.Dispose());
        }
    }
}
