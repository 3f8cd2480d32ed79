namespace Clouds.Emulator.Execution;

/// <summary>The scheduler's generator (SplitMix64): small, seeded, the same on every machine.</summary>
internal sealed class ScheduleRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0..bound-1.</summary>
    public int Next(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>Instructions until the next choice: short turns, middling ones and long ones in equal parts.</summary>
    public int Quantum() => Next(3) switch { 0 => 1 + Next(8), 1 => 40, _ => 1000 };
}
