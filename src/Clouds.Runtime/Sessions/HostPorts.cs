using System.Buffers;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Sessions;

/// <summary>
/// Memory of the host that is bound to a session whose tensors lie on a GPU. ONNX Runtime would copy an input once, when it is bound, and never see
/// what is written there afterwards (docs/platform.md section 2); so the session is bound to memory on the GPU instead, which is filled before every
/// run and fetched after it.
/// </summary>
/// <param name="gpu">The GPU; copies run on its stream, which is the session's too.</param>
internal sealed unsafe class HostPorts(Gpu gpu) : IDisposable
{
    private readonly Dictionary<string, HostPort> _ports = [];

    /// <summary>Memory on the GPU for a port.</summary>
    /// <param name="name">Name of the port; what it had before is given back.</param>
    /// <param name="host">The host's memory, held until the port is removed.</param>
    /// <param name="bytes">Length of both.</param>
    /// <param name="input">Whether it is filled before a run or fetched after it.</param>
    /// <returns>Its address on the GPU.</returns>
    public ulong Add(string name, MemoryHandle host, long bytes, bool input)
    {
        Remove(name);
        try
        {
            DeviceBuffer<byte> device = gpu.Context.Allocate<byte>(bytes);
            _ports.Add(name, new HostPort(host, device, input));
            return device.Span.Address;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Lets go of a port.</summary>
    public void Remove(string name)
    {
        if (_ports.Remove(name, out HostPort port))
        {
            port.Dispose();
        }
    }

    /// <summary>Starts the uploads of all inputs.</summary>
    public void Upload()
    {
        foreach (HostPort port in _ports.Values.Where(port => port.IsInput))
        {
            gpu.Stream.Upload((byte*)port.Host.Pointer, port.Device.Span);
        }
    }

    /// <summary>Downloads all outputs and waits for them; where there is none, nothing waits.</summary>
    public void Fetch()
    {
        bool any = false;
        foreach (HostPort port in _ports.Values.Where(port => !port.IsInput))
        {
            gpu.Stream.Fetch(port.Device.Span, (byte*)port.Host.Pointer);
            any = true;
        }

        if (any)
        {
            gpu.Stream.Synchronise();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (HostPort port in _ports.Values)
        {
            port.Dispose();
        }

        _ports.Clear();
    }

    private readonly record struct HostPort(MemoryHandle Host, DeviceBuffer<byte> Device, bool IsInput) : IDisposable
    {
        public void Dispose()
        {
            Host.Dispose();
            Device.Dispose();
        }
    }
}
