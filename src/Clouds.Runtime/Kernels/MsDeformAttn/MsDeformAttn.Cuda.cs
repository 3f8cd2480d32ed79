using System.Numerics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>Inputs of a deformable attention in device memory; borrowed, value and locations aligned to 16 bytes.</summary>
public readonly ref struct DeviceAttention
{
    /// <summary>[B, S, M, D].</summary>
    public required DeviceSpan<float> Value { get; init; }

    /// <summary>[B, Q, M, L, P, 2].</summary>
    public required DeviceSpan<float> Locations { get; init; }

    /// <summary>[B, Q, M, L, P]; of a query and head not above 1 in sum.</summary>
    public required DeviceSpan<float> Weights { get; init; }
}

/// <summary>The same of 32- or 16-bit floats; borrowed, value aligned to 16 bytes, locations to 8.</summary>
/// <typeparam name="T">float, <see cref="Half"/> or <see cref="BrainFloat"/>.</typeparam>
public readonly ref struct DeviceAttention<T>
    where T : unmanaged
{
    /// <summary>[B, S, M, D].</summary>
    public required DeviceSpan<T> Value { get; init; }

    /// <summary>[B, Q, M, L, P, 2].</summary>
    public required DeviceSpan<T> Locations { get; init; }

    /// <summary>[B, Q, M, L, P]; of a query and head not above 1 in sum.</summary>
    public required DeviceSpan<T> Weights { get; init; }
}

/// <summary>How the contributions of many queries to one value are added.</summary>
public enum GradientSum
{
    /// <summary>As integers of a scale that the largest gradient gives: the same bits in every run.</summary>
    Stable,

    /// <summary>As floats in the order in which they come: faster, and other last bits in every run.</summary>
    Atomic,
}

/// <summary><see cref="MsDeformAttn"/> on a GPU (kernels/ms_deform_attn.cu) for one size. Owns the level table; dispose it.</summary>
public sealed class CudaMsDeformAttn : IDisposable
{
    private const string File = "ms_deform_attn.cu";
    private const string HalfFile = "ms_deform_attn_half.cu";
    private const int UnitsPerBlock = 8;
    private const int ElementsPerBlock = 1024;
    private const int LargestWidth = 128;
    private readonly CudaKernels _kernels;
    private readonly MsDeformAttnPlan _plan;
    private readonly DeviceBuffers _buffers;
    private readonly DeviceBuffer<int> _levels;
    private readonly DeviceBuffer<uint> _largest;

    /// <summary>Checks the sizes and uploads the levels.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Stream of the upload and of all runs.</param>
    /// <param name="plan">Sizes; D is a multiple of 4 up to 128.</param>
    /// <param name="levels">H0, W0, H1, W1, ... as the plan was made from.</param>
    public CudaMsDeformAttn(CudaKernels kernels, CudaStream stream, MsDeformAttnPlan plan, ReadOnlySpan<int> levels)
    {
        KernelCheck.That(plan.Width % 4 == 0 && plan.Width is >= 4 and <= LargestWidth, "deformable attention",
            $"{plan.Width} channels a head; the kernels take multiples of 4 up to {LargestWidth}");
        KernelCheck.Length(levels.Length, 2L * plan.Levels, "levels", "2·L");
        (_kernels, _plan) = (kernels, plan);
        int[] table = new int[3 * plan.Levels];
        for (int level = 0, start = 0; level < plan.Levels; level++)
        {
            (table[3 * level], table[(3 * level) + 1], table[(3 * level) + 2]) = (levels[2 * level], levels[(2 * level) + 1], start);
            start += levels[2 * level] * levels[(2 * level) + 1];
        }

        _buffers = new DeviceBuffers(kernels.Context);
        _levels = _buffers.Upload(stream, table);
        _largest = _buffers.Allocate<uint>(1);
    }

    private long Values => (long)_plan.Batch * _plan.Tokens * _plan.Heads * _plan.Width;

    private long Outputs => (long)_plan.Batch * _plan.Queries * _plan.Heads * _plan.Width;

    private long Samples => (long)_plan.Batch * _plan.Queries * _plan.Heads * _plan.Samples;

    // Queries that may all add to one value, as a power of two.
    private int HitBits => 1 + BitOperations.Log2((uint)Math.Max(1, _plan.Queries));

    // Lanes that share a row of four channels each: the smallest number of them that the kernels have.
    private int LanesPerRow => _plan.Width switch { <= 16 => 4, <= 32 => 8, <= 64 => 16, _ => 32 };

    /// <summary>The smallest width of a head that the kernels take and that holds the given one.</summary>
    public static int WidthFor(int width) => (width + 3) / 4 * 4;

    /// <summary>Launch sizes: attention itself, element-wise passes over the output and over the value.</summary>
    public static (LaunchPlan Units, LaunchPlan Outputs, LaunchPlan Values) Plan(MsDeformAttnPlan plan)
    {
        long units = (long)plan.Batch * plan.Queries * plan.Heads;
        long values = (long)plan.Batch * plan.Tokens * plan.Heads * plan.Width;
        return (new(LaunchPlan.Cover(units, UnitsPerBlock), 256), new(LaunchPlan.Cover(units * plan.Width, ElementsPerBlock), 256),
            new(LaunchPlan.Cover(values, ElementsPerBlock), 256));
    }

    /// <summary>Samples and sums.</summary>
    /// <param name="stream">Where to launch.</param>
    /// <param name="inputs">Value, locations, weights.</param>
    /// <param name="output">[B, Q, M·D], overwritten.</param>
    public void Forward(CudaStream stream, DeviceAttention inputs, DeviceSpan<float> output) => Forward(stream, Typed(inputs), output);

    /// <summary>The same of any float type.</summary>
    /// <typeparam name="T">float, <see cref="Half"/> or <see cref="BrainFloat"/>.</typeparam>
    /// <typeparam name="TOutput">float or T.</typeparam>
    /// <param name="stream">Where to launch.</param>
    /// <param name="inputs">Value, locations, weights.</param>
    /// <param name="output">[B, Q, M·D], overwritten; aligned to 16 bytes.</param>
    public void Forward<T, TOutput>(CudaStream stream, DeviceAttention<T> inputs, DeviceSpan<TOutput> output)
        where T : unmanaged
        where TOutput : unmanaged
    {
        Check(inputs);
        KernelCheck.That(typeof(TOutput) == typeof(float) || typeof(TOutput) == typeof(T),
            "deformable attention", $"output of {typeof(TOutput).Name} from {typeof(T).Name}");
        KernelCheck.Length(output.Length, Outputs, "output", "B·Q·M·D");
        KernelArguments arguments = default;
        arguments.Add(Sizes());
        arguments.Add(inputs.Value);
        arguments.Add(inputs.Locations);
        arguments.Add(inputs.Weights);
        arguments.Add(_levels.Span);
        arguments.Add(output);
        arguments.Add(typeof(TOutput) == typeof(float) ? 1u : 0u);
        stream.Launch(Kernel<T>("forward"), Plan(_plan).Units, ref arguments);
    }

    /// <summary>Gradients, all overwritten.</summary>
    /// <param name="stream">Where to launch.</param>
    /// <param name="inputs">Value, locations, weights.</param>
    /// <param name="dOutput">[B, Q, M·D].</param>
    /// <param name="gradients">Of value, locations and weights.</param>
    /// <param name="sums">Scratch of B·S·M·D for stable sums, empty for atomic ones.</param>
    /// <param name="sum">How gradients of the value are added.</param>
    public void Backward(
        CudaStream stream, DeviceAttention inputs, DeviceSpan<float> dOutput, DeviceAttention gradients, DeviceSpan<long> sums,
        GradientSum sum = GradientSum.Stable)
        => Backward(stream, Typed(inputs), dOutput, gradients, sums, sum);

    /// <summary>The same of any float type; gradients are floats.</summary>
    /// <typeparam name="T">float, <see cref="Half"/> or <see cref="BrainFloat"/>.</typeparam>
    /// <param name="stream">Where to launch.</param>
    /// <param name="inputs">Value, locations, weights.</param>
    /// <param name="dOutput">[B, Q, M·D].</param>
    /// <param name="gradients">Of value, locations and weights.</param>
    /// <param name="sums">Scratch of B·S·M·D for stable sums, empty for atomic ones.</param>
    /// <param name="sum">How gradients of the value are added.</param>
    public void Backward<T>(
        CudaStream stream, DeviceAttention<T> inputs, DeviceSpan<float> dOutput, DeviceAttention gradients, DeviceSpan<long> sums, GradientSum sum)
        where T : unmanaged
    {
        Check(inputs);
        Check(Typed(gradients));
        KernelCheck.Length(dOutput.Length, Outputs, "gradient of the output", "B·Q·M·D");
        KernelCheck.Length(sums.Length, sum == GradientSum.Stable ? Values : 0, "scratch", "B·S·M·D for stable sums, else 0");
        if (sum == GradientSum.Atomic)
        {
            stream.Fill(gradients.Value);
            Scatter(stream, inputs, dOutput, gradients, gradients.Value, largest: default);
            return;
        }

        stream.Fill(sums);
        stream.Fill(_largest.Span);
        KernelArguments largest = default;
        largest.Add(dOutput);
        largest.Add(dOutput.Length);
        largest.Add(_largest.Span);
        stream.Launch(_kernels[File, "ms_deform_largest"], Plan(_plan).Outputs, ref largest);
        Scatter(stream, inputs, dOutput, gradients, sums, _largest.Span);
        KernelArguments convert = default;
        convert.Add(sums);
        convert.Add(sums.Length);
        convert.Add(_largest.Span);
        convert.Add(HitBits);
        convert.Add(gradients.Value);
        stream.Launch(_kernels[File, "ms_deform_convert"], Plan(_plan).Values, ref convert);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.Dispose();

    private static DeviceAttention<float> Typed(DeviceAttention floats)
        => new() { Value = floats.Value, Locations = floats.Locations, Weights = floats.Weights };

    private void Scatter<T, TSum>(
        CudaStream stream, DeviceAttention<T> inputs, DeviceSpan<float> dOutput, DeviceAttention gradients, DeviceSpan<TSum> sums, DeviceSpan<uint> largest)
        where T : unmanaged
        where TSum : unmanaged
    {
        KernelArguments scatter = default;
        scatter.Add(Sizes());
        scatter.Add(dOutput);
        scatter.Add(inputs.Value);
        scatter.Add(inputs.Locations);
        scatter.Add(inputs.Weights);
        scatter.Add(_levels.Span);
        scatter.Add(largest);
        scatter.Add(HitBits);
        scatter.Add(sums);
        scatter.Add(gradients.Locations);
        scatter.Add(gradients.Weights);
        stream.Launch(Kernel<T>("backward"), Plan(_plan).Units, ref scatter);
    }

    private CudaFunction Kernel<T>(string direction)
    {
        string type = typeof(T) == typeof(float) ? "f32" : typeof(T) == typeof(Half) ? "f16" : typeof(T) == typeof(BrainFloat) ? "bf16"
            : throw new ArgumentException($"deformable attention: no kernels for {typeof(T).Name}; there are float, {nameof(Half)} and {nameof(BrainFloat)}");
        return _kernels[typeof(T) == typeof(float) ? File : HalfFile, $"ms_deform_{direction}_{type}_{LanesPerRow}"];
    }

    private void Check<T>(DeviceAttention<T> inputs)
        where T : unmanaged
    {
        KernelCheck.Length(inputs.Value.Length, Values, "value", "B·S·M·D");
        KernelCheck.Length(inputs.Locations.Length, 2 * Samples, "locations", "B·Q·M·L·P·2");
        KernelCheck.Length(inputs.Weights.Length, Samples, "weights", "B·Q·M·L·P");
        KernelCheck.That(
            inputs.Value.Address % 16 == 0 && inputs.Locations.Address % 8 == 0, "deformable attention", "value must be aligned to 16 bytes, locations to 8");
    }

    private AttentionSizes Sizes() => new(_plan.Batch, _plan.Queries, _plan.Heads, _plan.Tokens, _plan.Points, _plan.Samples, _plan.Width);

    /// <summary>The kernels' parameter of the same fields.</summary>
    private readonly record struct AttentionSizes(int Batch, int Queries, int Heads, int Tokens, int Points, int Samples, int Width);
}
