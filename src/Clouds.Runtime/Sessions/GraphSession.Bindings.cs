using System.Buffers;
using System.Runtime.CompilerServices;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Clouds.Runtime.Sessions;

/// <summary>The memory behind a session's inputs and outputs.</summary>
public sealed partial class GraphSession
{
    /// <summary>Binds an input or output to memory, pinned until it is bound anew or the session is disposed.</summary>
    /// <typeparam name="T">Element type of the graph's port: float, long, byte, ...</typeparam>
    /// <param name="name">Name of an input or output.</param>
    /// <param name="memory">As many elements as the shape says.</param>
    /// <param name="shape">Dimensions.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Internal"/>: no such port, or type, length or shape do not fit.</exception>
    public void Bind<T>(string name, Memory<T> memory, params long[] shape)
        where T : unmanaged
    {
        Check(name, typeof(T), memory.Length, shape);
        if (_host is null)
        {
            Bind(name, OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, memory, shape));
        }
        else
        {
            BindHost<T>(name, memory.Pin(), shape);
        }
    }

    /// <summary>Binds an input or output to native memory of the host, which must outlive the session or the next binding of this name.</summary>
    public unsafe void Bind<T>(string name, T* memory, params long[] shape)
        where T : unmanaged
    {
        Check(name, typeof(T), Count(shape), shape);
        if (_host is null)
        {
            Bind(name, Tensor<T>(OrtMemoryInfo.DefaultInstance, (nint)memory, shape));
        }
        else
        {
            BindHost<T>(name, new MemoryHandle(memory), shape);
        }
    }

    /// <summary>
    /// Binds an input or output to memory of the GPU, which must outlive the session or the next binding of this name. Nothing is copied: runs read and
    /// write it in the order of the GPU's stream.
    /// </summary>
    /// <exception cref="CloudsException"><see cref="Failure.Internal"/>: as above, or the session's tensors do not lie on a GPU.</exception>
    public void Bind<T>(string name, DeviceSpan<T> memory, params long[] shape)
        where T : unmanaged
    {
        Check(name, typeof(T), memory.Length, shape);
        if (_gpu is null)
        {
            throw new CloudsException(Failure.Internal, "a session on the processor cannot use memory of a GPU", $"{_where}: {name}");
        }

        using OrtMemoryInfo place = CudaMemory();
        Bind(name, Tensor<T>(place, (nint)memory.Address, shape));
        _host?.Remove(name);
    }

    /// <summary>Lets ONNX Runtime allocate an output at every run: for shapes that are not known before. Read it with <see cref="Read"/>.</summary>
    public void BindAllocated(string name)
    {
        if (!_outputs.ContainsKey(name))
        {
            throw Unknown(name);
        }

        _binding.BindOutputToDevice(name, OrtMemoryInfo.DefaultInstance);
        _allocated.Add(name);
    }

    private static long Count(long[] shape)
    {
        long count = 1;
        foreach (long dimension in shape)
        {
            count = checked(count * dimension);
        }

        return count;
    }

    private static OrtValue Tensor<T>(OrtMemoryInfo place, nint address, long[] shape)
        where T : unmanaged
        => OrtValue.CreateTensorValueWithData(place, TensorBase.GetTypeInfo(typeof(T)).ElementType, shape, address, Count(shape) * Unsafe.SizeOf<T>());

    private OrtMemoryInfo CudaMemory() => new("Cuda", OrtAllocatorType.DeviceAllocator, Device.Name.Ordinal, OrtMemType.Default);

    private void BindHost<T>(string name, MemoryHandle memory, long[] shape)
        where T : unmanaged
    {
        ulong address = _host!.Add(name, memory, Count(shape) * Unsafe.SizeOf<T>(), _inputs.ContainsKey(name));
        using OrtMemoryInfo place = CudaMemory();
        Bind(name, Tensor<T>(place, (nint)address, shape));
    }

    private void Bind(string name, OrtValue value)
    {
        if (_inputs.ContainsKey(name))
        {
            _binding.BindInput(name, value);
        }
        else
        {
            _binding.BindOutput(name, value);
            _allocated.Remove(name);
        }

        _bound.Remove(name, out OrtValue? previous);
        previous?.Dispose();
        _bound.Add(name, value);
    }

    private void Check(string name, Type type, long length, long[] shape)
    {
        GraphPort port = Port(name);
        bool fits = port.Shape.Length == shape.Length && port.Shape.Zip(shape).All(pair => pair.First < 0 || pair.First == pair.Second);
        if (!fits || port.Type != type || Count(shape) != length)
        {
            throw new CloudsException(
                Failure.Internal, "a buffer does not fit the graph's port", $"{_where}: {name}",
                found: $"{type.Name} [{string.Join(", ", shape)}] in {length} elements", expected: $"{port.Type.Name} [{string.Join(", ", port.Shape)}]");
        }
    }
}
