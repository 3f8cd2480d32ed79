namespace Clouds.Emulator.Execution;

/// <summary>Which split runs next, how far, and where splits join.</summary>
internal sealed partial class Warp
{
    private int Pick()
    {
        int best = -1;
        int running = 0;
        for (int i = 0; i < _splits.Count; i++)
        {
            if (_splits[i].Parked == Parking.None)
            {
                running++;
                best = best < 0 || _splits[i].Pc < _splits[best].Pc ? i : best;
            }
        }

        // A lane that spins on a lock may stand before the lane that holds it: let another one go.
        if (_spins > BackwardLimit && running > 1)
        {
            _spins = 0;
            int skip = 1 + _run.Random.Next(running - 1);
            for (int i = 0; i < _splits.Count; i++)
            {
                if (_splits[i].Parked == Parking.None && i != best && --skip == 0)
                {
                    return i;
                }
            }
        }

        return best;
    }

    private int Limit(int at)
    {
        int limit = int.MaxValue;
        for (int i = 0; i < _splits.Count; i++)
        {
            if (i != at && _splits[i].Pc > _splits[at].Pc)
            {
                limit = Math.Min(limit, _splits[i].Pc);
            }
        }

        return limit;
    }

    /// <summary>Joins splits at the same instruction and drops empty ones; a warp operation that gains lanes is tried again.</summary>
    private void Merge()
    {
        for (int i = _splits.Count - 1; i >= 0; i--)
        {
            if (_splits[i].Mask == 0)
            {
                _splits.RemoveAt(i);
                continue;
            }

            for (int j = 0; j < i; j++)
            {
                if (_splits[j].Pc == _splits[i].Pc)
                {
                    bool both = _splits[i].Parked == Parking.Block && _splits[j].Parked == Parking.Block;
                    if (_splits[i].Parked == Parking.Block != (_splits[j].Parked == Parking.Block))
                    {
                        continue;
                    }

                    _splits[j] = new Split { Pc = _splits[j].Pc, Mask = _splits[j].Mask | _splits[i].Mask, Parked = both ? Parking.Block : Parking.None };
                    _splits.RemoveAt(i);
                    break;
                }
            }
        }
    }
}
