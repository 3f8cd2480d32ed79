using System.Numerics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>Inputs of a deformable attention in device memory; borrowed, value and locations aligned to 16 bytes.</summary>
internal readonly ref struct DeviceAttention
{
    /// <summary>[B, S, M, D].</summary>
    public required DeviceSpan<float> Value { get; init; }

    /// <summary>[B, Q, M, L, P, 2].</summary>
    public required DeviceSpan<float> Locations { get; init; }

    /// <summary>[B, Q, M, L, P]; of a query and head not above 1 in sum.</summary>
    public required DeviceSpan<float> Weights { get; init; }
}

/// <summary><see cref="MsDeformAttn"/> on a GPU (kernels/ms_deform_attn.cu) for one size. Owns the level table; dispose it.</summary>
internal sealed class CudaMsDeformAttn : IDisposable
{
    private const string File = "ms_deform_attn.cu";
    private const int UnitsPerBlock = 8;
    private const int ElementsPerBlock = 1024;
    private static readonly int[] Widths = [8, 16, 32, 64];
    private readonly CudaKernels _kernels;
    private readonly MsDeformAttnPlan _plan;
    private readonly DeviceBuffers _buffers;
    private readonly DeviceBuffer<int> _levels;
    private readonly DeviceBuffer<uint> _largest;

    /// <summary>Checks the sizes and uploads the levels.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Stream of the upload and of all runs.</param>
    /// <param name="plan">Sizes; D is 8, 16, 32 or 64.</param>
    /// <param name="levels">H0, W0, H1, W1, ... as the plan was made from.</param>
    public CudaMsDeformAttn(CudaKernels kernels, CudaStream stream, MsDeformAttnPlan plan, ReadOnlySpan<int> levels)
    {
        KernelCheck.That(Widths.Contains(plan.Width), "deformable attention", $"{plan.Width} channels a head; the kernels have {string.Join(", ", Widths)}");
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

    /// <summary>The smallest width of a head that the kernels have and that holds the given one; the given one where none does.</summary>
    public static int WidthFor(int width) => Widths.FirstOrDefault(known => known >= width, width);

    /// <summary>Launch sizes: attention itself, element-wise passes over the output and over the value.</summary>
    public static (LaunchPlan Units, LaunchPlan Outputs, LaunchPlan Values) Plan(MsDeformAttnPlan plan)
    {
        long units = (long)plan.Batch * plan.Queries * plan.Heads;
        long values = (long)plan.Batch * plan.Tokens * plan.Heads * plan.Width;
        return (new(LaunchPlan.Cover(units, UnitsPerBlock), 256), new(LaunchPlan.Cover(units * plan.Width, ElementsPerBlock), 256), new(LaunchPlan.Cover(values, ElementsPerBlock), 256));
    }

    /// <summary>Samples and sums.</summary>
    /// <param name="stream">Where to launch.</param>
    /// <param name="inputs">Value, locations, weights.</param>
    /// <param name="output">[B, Q, M·D], overwritten.</param>
    public void Forward(CudaStream stream, DeviceAttention inputs, DeviceSpan<float> output)
    {
        Check(inputs);
        KernelCheck.Length(output.Length, Outputs, "output", "B·Q·M·D");
        KernelArguments arguments = default;
        arguments.Add(Sizes());
        arguments.Add(inputs.Value);
        arguments.Add(inputs.Locations);
        arguments.Add(inputs.Weights);
        arguments.Add(_levels.Span);
        arguments.Add(output);
        stream.Launch(_kernels[File, $"ms_deform_forward_{_plan.Width}"], Plan(_plan).Units, ref arguments);
    }

    /// <summary>Gradients with the same bits in every run, all overwritten.</summary>
    /// <param name="stream">Where to launch.</param>
    /// <param name="inputs">Value, locations, weights.</param>
    /// <param name="dOutput">[B, Q, M·D].</param>
    /// <param name="gradients">Of value, locations and weights.</param>
    /// <param name="sums">Scratch of B·S·M·D.</param>
    public void Backward(CudaStream stream, DeviceAttention inputs, DeviceSpan<float> dOutput, DeviceAttention gradients, DeviceSpan<long> sums)
    {
        Check(inputs);
        Check(gradients);
        KernelCheck.Length(dOutput.Length, Outputs, "gradient of the output", "B·Q·M·D");
        KernelCheck.Length(sums.Length, Values, "scratch", "B·S·M·D");
        (LaunchPlan units, LaunchPlan outputs, LaunchPlan values) = Plan(_plan);
        int hitBits = 1 + BitOperations.Log2((uint)Math.Max(1, _plan.Queries));
        stream.Fill(sums);
        stream.Fill(_largest.Span);
        KernelArguments largest = default;
        largest.Add(dOutput);
        largest.Add(dOutput.Length);
        largest.Add(_largest.Span);
        stream.Launch(_kernels[File, "ms_deform_largest"], outputs, ref largest);
        KernelArguments scatter = default;
        scatter.Add(Sizes());
        scatter.Add(dOutput);
        scatter.Add(inputs.Value);
        scatter.Add(inputs.Locations);
        scatter.Add(inputs.Weights);
        scatter.Add(_levels.Span);
        scatter.Add(_largest.Span);
        scatter.Add(hitBits);
        scatter.Add(sums);
        scatter.Add(gradients.Locations);
        scatter.Add(gradients.Weights);
        stream.Launch(_kernels[File, $"ms_deform_backward_{_plan.Width}"], units, ref scatter);
        KernelArguments convert = default;
        convert.Add(sums);
        convert.Add(sums.Length);
        convert.Add(_largest.Span);
        convert.Add(hitBits);
        convert.Add(gradients.Value);
        stream.Launch(_kernels[File, "ms_deform_convert"], values, ref convert);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.Dispose();

    private void Check(DeviceAttention inputs)
    {
        KernelCheck.Length(inputs.Value.Length, Values, "value", "B·S·M·D");
        KernelCheck.Length(inputs.Locations.Length, 2 * Samples, "locations", "B·Q·M·L·P·2");
        KernelCheck.Length(inputs.Weights.Length, Samples, "weights", "B·Q·M·L·P");
        KernelCheck.That((inputs.Value.Address | inputs.Locations.Address) % 16 == 0, "deformable attention", "value and locations must be aligned to 16 bytes");
    }

    private AttentionSizes Sizes() => new(_plan.Batch, _plan.Queries, _plan.Heads, _plan.Tokens, _plan.Points, _plan.Samples);

    /// <summary>The kernels' parameter of the same fields.</summary>
    private readonly record struct AttentionSizes(int Batch, int Queries, int Heads, int Tokens, int Points, int Samples);
}
