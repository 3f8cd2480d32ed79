using System.Runtime.InteropServices;
using System.Text;

namespace Clouds.Runtime.Distributed;

/// <summary>A rank's sign of life, as it travels.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Beat
{
    private const int PlaceBytes = 72;

    /// <summary>Collectives that it has begun.</summary>
    public long Begun;

    /// <summary>Step of the training that it is at.</summary>
    public long Step;

    /// <summary>Not 0: it begins no further collective.</summary>
    public int Leaves;

    /// <summary>What it has failed with, as an exit code; 0: nothing that it has told.</summary>
    public int Failure;

    private int _length;
    private fixed byte _place[PlaceBytes];

    /// <summary>What it does, in words.</summary>
    public string Place
    {
        readonly get
        {
            fixed (byte* place = _place)
            {
                return Encoding.UTF8.GetString(place, Math.Clamp(_length, 0, PlaceBytes));
            }
        }

        set
        {
            fixed (byte* place = _place)
            {
                Encoding.UTF8.TryGetBytes(value, new Span<byte>(place, PlaceBytes), out _length);
            }
        }
    }

    public override readonly string ToString() => Step < 0 ? $"'{Place}'" : $"step {Step}, '{Place}'";
}
