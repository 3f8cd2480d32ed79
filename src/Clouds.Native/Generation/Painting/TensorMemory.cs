using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Generation.Painting;

/// <summary>
/// Zeros at first, where the tensors of a device's sessions lie: what one session writes there, another reads without a copy. Dispose it after the sessions.
/// </summary>
/// <typeparam name="T">Element type.</typeparam>
internal sealed class TensorMemory<T> : IDisposable
    where T : unmanaged
{
    private readonly Gpu? _gpu;
    private readonly T[] _host = [];
    private readonly DeviceBuffer<T>? _there;

    /// <param name="device">Whose sessions use it.</param>
    /// <param name="length">Elements.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: out of memory.</exception>
    public TensorMemory(Device device, long length)
    {
        (_gpu, Length) = (device.TensorGpu, length);
        if (_gpu is null)
        {
            _host = new T[length];
            return;
        }

        _there = _gpu.Context.Allocate<T>(length);
        Clear();
    }

    /// <summary>Elements.</summary>
    public long Length { get; }

    /// <summary>Makes it a port of a session.</summary>
    public void Bind(GraphSession session, string port, params long[] shape) => BindPart(session, port, 0, shape);

    /// <summary>Makes a part of it, from an element on, a port of a session.</summary>
    public void BindPart(GraphSession session, string port, long from, params long[] shape)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        if (_there is null)
        {
            session.Bind(port, _host.AsMemory((int)from, (int)count), shape);
        }
        else
        {
            session.Bind(port, _there.Span.Slice(from, count), shape);
        }
    }

    /// <summary>Fills it from its beginning.</summary>
    public void Write(ReadOnlySpan<T> values)
    {
        if (_there is null)
        {
            values.CopyTo(_host);
        }
        else
        {
            _gpu!.Stream.Upload(values, _there.Span.Slice(0, values.Length));
        }
    }

    /// <summary>A copy of it; on a GPU all work before is waited for.</summary>
    public T[] Read()
    {
        if (_there is null)
        {
            return [.. _host];
        }

        T[] values = new T[Length];
        _gpu!.Stream.Download<T>(_there.Span, values);
        return values;
    }

    /// <summary>Zeros again.</summary>
    public void Clear()
    {
        Array.Clear(_host);
        if (_there is not null)
        {
            _gpu!.Stream.Fill(_there.Span);
        }
    }

    public void Dispose()
    {
        if (_there is not null)
        {
            // The last work may still read it.
            _gpu!.Stream.Synchronise();
            _there.Dispose();
        }
    }
}
