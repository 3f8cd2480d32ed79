using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.CustomOps;

/// <summary>One call of a kernel: its tensors and the session's threads.</summary>
internal readonly unsafe struct OpContext(nint context, string op)
{
    /// <summary>Checks on behalf of this operator.</summary>
    public ShapeCheck Shapes => new(op);

    /// <summary>The CUDA provider's stream; 0 = the default stream.</summary>
    public nint CudaStream => OrtApi.CudaStream(context);

    /// <summary>Input i, which must have the given rank (-1 = any).</summary>
    public OpTensor Input(int index, string name, int rank = -1)
    {
        nint value = OrtApi.Input(context, index);
        (ElementType type, long[] shape) = OrtApi.Describe(value);
        Shapes.Rank(shape, name, rank);
        return new OpTensor((nint)OrtApi.Data(value), type, shape);
    }

    /// <summary>Output i of the given shape; its memory holds anything.</summary>
    public OpTensor Output(int index, ElementType type, params ReadOnlySpan<long> shape)
    {
        nint value = OrtApi.Output(context, index, shape);
        return new OpTensor((nint)OrtApi.Data(value), type, shape.ToArray());
    }

    /// <summary>Memory of the node's provider for this call.</summary>
    public nint Scratch(OrtMemoryInfo memory, long bytes) => (nint)OrtApi.Scratch(context, memory, checked((nuint)bytes));

    /// <summary>Gives it back.</summary>
    public void FreeScratch(OrtMemoryInfo memory, IEnumerable<nint> scratch) => OrtApi.FreeScratch(context, memory, scratch);

    /// <summary>Fails the node where a tensor's shape is not the expected one.</summary>
    public void RequireShape(OpTensor tensor, string name, params ReadOnlySpan<long> expected)
        => Shapes.Same(tensor.Shape, name, expected);

    /// <summary>Fails the node with the tensor's name and shape.</summary>
    public void Require(bool condition, string name, long[] shape, string expected) => Shapes.That(condition, name, shape, expected);

    /// <summary>Splits units 0..total into at most <paramref name="parts"/> ranges and runs them on the session's threads.</summary>
    public void Split(int total, int parts, Action<int, int> body)
    {
        int ranges = Math.Min(total, parts);
        if (ranges == 1)
        {
            body(0, total);
        }
        else if (ranges > 1)
        {
            Job job = new(total, ranges, body);
            GCHandle handle = GCHandle.Alloc(job);
            try
            {
                OrtApi.ParallelFor(context, &RunPart, ranges, GCHandle.ToIntPtr(handle));
            }
            finally
            {
                handle.Free();
            }

            job.Rethrow();
        }
    }

    [UnmanagedCallersOnly]
    private static void RunPart(nint argument, nuint index) => ((Job)GCHandle.FromIntPtr(argument).Target!).Run((int)index);

    /// <summary>Work for the session's threads; an exception must not cross native frames, so the first one is kept.</summary>
    private sealed class Job(int total, int ranges, Action<int, int> body)
    {
        private Exception? _failure;

        public void Run(int range)
        {
            try
            {
                body(Border(range), Border(range + 1));
            }
            catch (Exception failure)
            {
                Interlocked.CompareExchange(ref _failure, failure, null);
            }
        }

        public void Rethrow()
        {
            if (_failure is not null)
            {
                throw new InvalidOperationException(_failure.Message, _failure);
            }
        }

        private int Border(int range) => (int)((long)total * range / ranges);
    }
}
