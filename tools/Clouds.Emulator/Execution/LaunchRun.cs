using Clouds.Emulator.Memory;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Execution;

/// <summary>One launch: resident blocks whose warps take turns in an order drawn from the seed.</summary>
internal sealed unsafe class LaunchRun : IDisposable
{
    private readonly EmulatorSettings _settings;
    private readonly List<ThreadBlock> _resident = [];
    private long _nextBlock;

    /// <summary>Prepares a launch.</summary>
    /// <param name="kernel">Decoded kernel.</param>
    /// <param name="geometry">Sizes.</param>
    /// <param name="parameters">Its parameter block.</param>
    /// <param name="memory">Device memory.</param>
    /// <param name="settings">Schedule and checks.</param>
    /// <param name="counters">Added to.</param>
    public LaunchRun(KernelCode kernel, LaunchGeometry geometry, byte* parameters, DeviceMemory memory, EmulatorSettings settings, LaunchCounters counters)
    {
        (Kernel, Geometry, Counters, _settings) = (kernel, geometry, counters, settings);
        Parameters = parameters;
        (Random, _nextBlock) = (new ScheduleRandom(settings.Seed), settings.FirstBlocks.GetValueOrDefault(kernel.Name));
        Accesses = new MemoryAccesses(this, memory, settings);
    }

    /// <summary>Code.</summary>
    public KernelCode Kernel { get; }

    /// <summary>Sizes.</summary>
    public LaunchGeometry Geometry { get; }

    /// <summary>Parameter block.</summary>
    public byte* Parameters { get; }

    /// <summary>Counters.</summary>
    public LaunchCounters Counters { get; }

    /// <summary>The schedule's draws.</summary>
    public ScheduleRandom Random { get; }

    /// <summary>Loads, stores and atomics.</summary>
    public MemoryAccesses Accesses { get; }

    /// <summary>Runs all blocks.</summary>
    /// <exception cref="EmulatorFault">A defect of the kernel.</exception>
    public void Execute()
    {
        long limit = Counters.WarpInstructions + _settings.InstructionLimit;
        for (int i = 0; i < _settings.ResidentBlocks && _nextBlock < Geometry.Grid.Count; i++)
        {
            ThreadBlock block = new(this) { Races = _settings.DetectRaces ? new RaceDetector() : null };
            block.Start(_nextBlock++);
            _resident.Add(block);
        }

        while (_resident.Count > 0)
        {
            Turn();
            if (Counters.WarpInstructions > limit)
            {
                throw new EmulatorFault(FaultKind.Timeout, $"{Kernel.Name}: more than {_settings.InstructionLimit} warp instructions");
            }
        }
    }

    /// <summary>A fault with its place.</summary>
    public EmulatorFault Fault(FaultKind kind, Warp warp, Instruction i, int lane, string what)
        => new(kind, $"{Kernel.Name}: '{i.Text}' (line {i.Line}), block {warp.Block.Index}, thread {warp.FirstThread + lane}: {what}");

    /// <inheritdoc/>
    public void Dispose() => _resident.ForEach(block => block.Dispose());

    private void Turn()
    {
        int at = Random.Next(_resident.Count);
        ThreadBlock block = _resident[at];
        Warp[] warps = block.Warps;
        int start = Random.Next(warps.Length);
        for (int i = 0; i < warps.Length; i++)
        {
            Warp warp = warps[(start + i) % warps.Length];
            if (warp.Live != 0 && !warp.Waits)
            {
                warp.Step(Random.Quantum());
                return;
            }
        }

        // Nobody could run: everybody waits at the barrier, or has ended.
        if (!block.TryRelease())
        {
            Replace(at);
        }
    }

    private void Replace(int at)
    {
        if (_nextBlock < Geometry.Grid.Count)
        {
            _resident[at].Start(_nextBlock++);
            return;
        }

        _resident[at].Dispose();
        _resident.RemoveAt(at);
    }
}
