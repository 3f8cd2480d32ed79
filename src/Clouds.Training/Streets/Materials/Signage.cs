using System.Numerics;

namespace Clouds.Training.Streets.Materials;

/// <summary>What a traffic sign says, as far as a toy needs it.</summary>
internal enum SignKind
{
    /// <summary>Round, red rim, white field, dark figure.</summary>
    Prohibition,

    /// <summary>Triangular, red rim.</summary>
    Warning,

    /// <summary>Blue disc with a white arrow.</summary>
    Command,

    /// <summary>Blue or green rectangle with white lines of text.</summary>
    Direction,

    /// <summary>Yellow diamond with white rim.</summary>
    Priority,

    /// <summary>Red disc with a white bar.</summary>
    NoEntry,
}

/// <summary>The face of a traffic sign.</summary>
internal sealed class Signage(SignKind kind) : Material
{
    private static readonly Vector4 Red = Colour.Of(0xC8202A);
    private static readonly Vector4 White = Colour.Of(0xF2F2EE);
    private static readonly Vector4 Blue = Colour.Of(0x1450A8);
    private static readonly Vector4 Yellow = Colour.Of(0xF2C21A);
    private static readonly Vector4 Ink = Colour.Of(0x202020);

    public override Vector4 Shade(in Spot spot)
    {
        float a = MathF.Abs(spot.A);
        float b = MathF.Abs(spot.B);
        float radius = (a * a) + (b * b);
        return kind switch
        {
            SignKind.Prohibition => radius > 0.55f ? Red : b < 0.4f && a < 0.5f && a > 0.12f ? Ink : White,
            SignKind.Warning => spot.B < -0.78f || a > 0.72f * (1 - spot.B) / 2 ? Red : a < 0.12f && spot.B < 0.2f ? Ink : White,
            SignKind.Command => (a < 0.14f && b < 0.6f) || (spot.B > 0.1f && a < 0.65f - spot.B && a > 0.4f - spot.B) ? White : Blue,
            SignKind.Direction => b > 0.9f || a > 0.94f || (b > 0.2f && b < 0.5f && a < 0.7f) ? White : Blue,
            SignKind.Priority => a + b > 0.78f ? White : Yellow,
            SignKind.NoEntry => b < 0.22f && a < 0.75f ? White : Red,
            _ => throw new InvalidOperationException($"unknown sign {kind}"),
        };
    }
}
