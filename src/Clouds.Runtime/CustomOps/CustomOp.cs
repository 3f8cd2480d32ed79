using Clouds.Runtime.Kernels;

namespace Clouds.Runtime.CustomOps;

/// <summary>One operator of domain "clouds": its name, its signature, and how a kernel is made from a node's attributes.</summary>
/// <param name="Name">Operator name.</param>
/// <param name="Inputs">Element type of each input.</param>
/// <param name="Outputs">Element type of each output.</param>
/// <param name="Create">Called once a node, when a session is made.</param>
/// <param name="Cuda">The operator's form on a GPU; null where it has none.</param>
/// <param name="Provider">Execution provider that runs it; null = the processor's.</param>
internal sealed record CustomOp(
    string Name, ElementType[] Inputs, ElementType[] Outputs, Func<OpAttributes, ICustomKernel> Create, CudaForm? Cuda = null, string? Provider = null)
{
    /// <summary>Whether sessions of the processor run the lowering: ONNX Runtime's own kernels.</summary>
    public bool IsLoweredOnProcessor { get; init; }
}

/// <summary>What an operator is on a GPU.</summary>
/// <param name="Files">Kernel files that it needs; compiled before an operator is promised to ONNX Runtime.</param>
/// <param name="Create">Called once a node, when a session is made.</param>
internal sealed record CudaForm(string[] Files, Func<OpAttributes, ICudaOpKernel> Create);

/// <summary>A node's kernel; called by several threads at once where a session runs concurrently. Disposed with its session where it can be.</summary>
internal interface ICustomKernel
{
    /// <summary>Reads the inputs and writes the outputs.</summary>
    void Compute(OpContext context);
}

/// <summary>A tensor lent to a kernel for one call.</summary>
/// <param name="Address">First element.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions.</param>
internal readonly record struct OpTensor(nint Address, ElementType Type, long[] Shape)
{
    /// <summary>Product of the dimensions.</summary>
    public long Elements
    {
        get
        {
            long product = 1;
            foreach (long dimension in Shape)
            {
                product = checked(product * dimension);
            }

            return product;
        }
    }

    /// <summary>As floats.</summary>
    public unsafe HostSpan<float> Floats => new((float*)Address, Elements);

    /// <summary>As bytes.</summary>
    public unsafe HostSpan<byte> Bytes => new((byte*)Address, Elements);

    /// <summary>As 64-bit integers.</summary>
    public unsafe HostSpan<long> Longs => new((long*)Address, Elements);

    /// <summary>Dimension i as an int.</summary>
    public int this[int i] => checked((int)Shape[i]);
}
