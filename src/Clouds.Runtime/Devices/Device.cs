using Clouds.Runtime.Compilation;
using Clouds.Runtime.Sessions;

namespace Clouds.Runtime.Devices;

/// <summary>
/// The one owner of a device: opens it or says in one sentence why not, knows its memory, and makes the sessions and arenas that live there. A GPU of
/// this machine is opened once and shared by all of its devices in the process. Dispose it after everything that was made through it.
/// </summary>
public sealed partial class Device : IDisposable
{
    private readonly IDisposable[] _owned;
    private readonly DeviceSettings _settings;
    private readonly HashSet<string> _told = [];
    private bool _disposed;

    private Device(DeviceName name, DeviceSettings settings, Gpu? gpu = null, params IDisposable[] owned)
        => (Name, _settings, Gpu, _owned) = (name, settings, gpu, owned);

    /// <summary>The processor, which needs no opening.</summary>
    public static Device Cpu { get; } = new(DeviceName.Cpu, new DeviceSettings());

    /// <summary>What is in use: "cpu", "cuda:N" or "emulated", never "auto".</summary>
    public DeviceName Name { get; }

    /// <summary>Why "auto" took the processor, in one sentence; null where it did not.</summary>
    public string? WhyNotCuda { get; private init; }

    /// <summary>The GPU that runs our kernels; null on the processor.</summary>
    public Gpu? Gpu { get; }

    /// <summary>
    /// Bytes that may still be taken, and bytes in all: of the GPU's memory; on the processor of what this process may use (<see cref="HostMemory"/>).
    /// </summary>
    public (long Free, long Total) Memory => Gpu?.Context.Memory ?? (HostMemory.Now.Free, HostMemory.Now.Total);

    /// <summary>Bytes in use where tensors lie: of the GPU's memory by all programs; of the machine's by this process.</summary>
    public long MemoryInUse
    {
        get
        {
            (long free, long total) = TensorGpu is null ? (0, Environment.WorkingSet) : Memory;
            return total - free;
        }
    }

    /// <summary>Processor threads that it was opened for; 0: one a processor.</summary>
    public int Threads => _settings.Threads;

    /// <summary>Settings of sessions that come without.</summary>
    internal SessionSettings Sessions => new() { Threads = _settings.Threads };

    /// <summary>How sessions of the CUDA provider work.</summary>
    internal CudaSettings Cuda => _settings.Cuda;

    /// <summary>The GPU in whose memory the tensors of sessions and arenas lie; null where that is the host's, as on the emulated device.</summary>
    public Gpu? TensorGpu => Name.Kind == DeviceKind.Cuda ? Gpu : null;

    /// <summary>Whether a session may run lowerings where our kernels cannot be made.</summary>
    internal bool RequiresKernels => _settings.Use != DeviceUse.Networks || Name.Kind == DeviceKind.Emulated;

    /// <summary>A session of a model in memory (at most 2 GB; larger weights lie in <see cref="SessionSettings.Weights"/>).</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: CUDA does not work; BadInput: the model is refused.</exception>
    public GraphSession CreateSession(byte[] model, SessionSettings? settings = null) => SessionFactory.Create(this, model, settings ?? Sessions);

    /// <summary>A session of a model file; external data is looked for beside it.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">As above; BadInput also where the file is missing.</exception>
    public GraphSession OpenSession(string path, SessionSettings? settings = null) => SessionFactory.Open(this, path, settings ?? Sessions);

    /// <summary>Parameters, and what training keeps beside them, for sessions of this device; the caller owns it.</summary>
    /// <param name="parameters">Name, shape and optimiser group of each, in the order of the layout.</param>
    /// <param name="training">Make gradients and moments.</param>
    /// <param name="teacher">Make the teacher's buffer.</param>
    public ParameterArena CreateArena(IEnumerable<(string Name, long[] Shape, int Group)> parameters, bool training = true, bool teacher = false)
        => new(parameters, training, teacher, TensorGpu);

    /// <inheritdoc/>
    public override string ToString() => Name.ToString();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Array.ForEach(_owned, owned => owned.Dispose());
        }
    }

    /// <summary>Tells the user a sentence, once.</summary>
    internal void Tell(string sentence)
    {
        lock (_told)
        {
            if (_told.Add(sentence))
            {
                _settings.Warn?.Invoke(sentence);
            }
        }
    }
}
