using Clouds.Runtime.Native;

namespace Clouds.Runtime.Devices;

/// <summary>An ordered queue of copies and launches, owned or borrowed from ONNX Runtime. Nothing waits but <see cref="Synchronise"/>.</summary>
public sealed unsafe class CudaStream : IDisposable
{
    private const uint NonBlocking = 1;
    private readonly bool _owned;
    private nint _handle;

    private CudaStream(CudaContext context, nint handle, bool owned) => (Context, _handle, _owned) = (context, handle, owned);

    /// <summary>Its context.</summary>
    public CudaContext Context { get; }

    /// <summary>The driver's handle.</summary>
    public nint Handle => _handle;

    private CudaDriver Driver => Context.Driver;

    /// <summary>A new stream; dispose it.</summary>
    public static CudaStream Create(CudaContext context)
    {
        nint handle;
        context.MakeCurrent();
        context.Driver.Check(context.Driver.cuStreamCreate(&handle, NonBlocking));
        return new CudaStream(context, handle, owned: true);
    }

    /// <summary>A stream that somebody else owns.</summary>
    public static CudaStream Borrow(CudaContext context, nint handle) => new(context, handle, owned: false);

    /// <summary>
    /// Host to device. The host memory may be used again at once, for pageable memory is copied before the call returns; that of a
    /// <see cref="PinnedBuffer{T}"/> only when the stream has come that far.
    /// </summary>
    public void Upload<T>(ReadOnlySpan<T> source, DeviceSpan<T> target)
        where T : unmanaged
    {
        KernelCheck.Length(target.Length, source.Length, "upload target", "the source's length");
        fixed (T* first = source)
        {
            Upload(first, target);
        }
    }

    /// <summary>The same from an address, for more elements than a span has.</summary>
    internal void Upload<T>(T* source, DeviceSpan<T> target)
        where T : unmanaged
    {
        Context.MakeCurrent();
        if (target.Length > 0)
        {
            Driver.Check(Driver.cuMemcpyHtoDAsync_v2(target.Address, source, (nuint)target.Length * (nuint)sizeof(T), _handle));
        }
    }

    /// <summary>Device to host; returns when the values are there.</summary>
    public void Download<T>(DeviceSpan<T> source, Span<T> target)
        where T : unmanaged
    {
        KernelCheck.Length(target.Length, source.Length, "download target", "the source's length");
        fixed (T* first = target)
        {
            Fetch(source, first);
            Synchronise();
        }
    }

    /// <summary>Starts a download to the beginning of page-locked memory; the values are there when the stream has come that far.</summary>
    public void Fetch<T>(DeviceSpan<T> source, PinnedBuffer<T> target)
        where T : unmanaged
    {
        Span<T> memory = target.GetSpan()[..checked((int)source.Length)];
        fixed (T* first = memory)
        {
            Fetch(source, first);
        }
    }

    /// <summary>Starts a download; the values are there, and the memory may move or go, when the stream has come that far.</summary>
    internal void Fetch<T>(DeviceSpan<T> source, T* target)
        where T : unmanaged
    {
        Context.MakeCurrent();
        if (source.Length > 0)
        {
            Driver.Check(Driver.cuMemcpyDtoHAsync_v2(target, source.Address, (nuint)source.Length * (nuint)sizeof(T), _handle));
        }
    }

    /// <summary>Device to device.</summary>
    public void Copy<T>(DeviceSpan<T> source, DeviceSpan<T> target)
        where T : unmanaged
    {
        KernelCheck.Length(target.Length, source.Length, "copy target", "the source's length");
        Context.MakeCurrent();
        if (source.Length > 0)
        {
            Driver.Check(Driver.cuMemcpyDtoDAsync_v2(target.Address, source.Address, (nuint)source.Length * (nuint)sizeof(T), _handle));
        }
    }

    /// <summary>Sets every byte.</summary>
    public void Fill<T>(DeviceSpan<T> target, byte value = 0)
        where T : unmanaged
    {
        Context.MakeCurrent();
        if (target.Length > 0)
        {
            Driver.Check(Driver.cuMemsetD8Async(target.Address, value, (nuint)target.Length * (nuint)sizeof(T), _handle));
        }
    }

    /// <summary>Starts a kernel.</summary>
    /// <param name="function">Kernel.</param>
    /// <param name="plan">Grid, block and dynamic shared memory; an empty grid starts nothing.</param>
    /// <param name="arguments">The kernel's parameters in order, with its exact types.</param>
    public void Launch(CudaFunction function, LaunchPlan plan, ref KernelArguments arguments)
    {
        if (plan.GridX == 0 || plan.GridY == 0 || plan.GridZ == 0)
        {
            return;
        }

        Context.MakeCurrent();
        function.Allow(plan.SharedBytes);
        nint* addresses = stackalloc nint[KernelArguments.Capacity];
        fixed (byte* values = arguments.Bytes)
        {
            arguments.Addresses((nint)values, addresses);
            Driver.Check(
                Driver.cuLaunchKernel(function.Handle, plan.GridX, plan.GridY, plan.GridZ,
                    plan.BlockX, plan.BlockY, plan.BlockZ, plan.SharedBytes, _handle, addresses, null),
                $"cuLaunchKernel({function.Name}, {plan})");
        }
    }

    /// <summary>Later work waits until the event's work is done.</summary>
    public void Wait(CudaEvent point)
    {
        Context.MakeCurrent();
        Driver.Check(Driver.cuStreamWaitEvent(_handle, point.Handle, 0));
    }

    /// <summary>Returns when all work is done; a kernel's fault surfaces here.</summary>
    public void Synchronise()
    {
        Context.MakeCurrent();
        Driver.Check(Driver.cuStreamSynchronize(_handle));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_owned && _handle != 0)
        {
            Context.MakeCurrent();
            Driver.CheckRelease(Driver.cuStreamDestroy_v2(_handle));
            _handle = 0;
        }
    }
}
