using System.Numerics;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Looks;

/// <summary>How a world looks: light, weather and sensor. The defaults are clean daylight.</summary>
internal sealed record Look
{
    public Palette Palette { get; init; } = new();

    /// <summary>Sky overhead.</summary>
    public Vector4 Zenith { get; init; } = Colour.Of(0x4A86D0);

    /// <summary>Sky at the horizon.</summary>
    public Vector4 Horizon { get; init; } = Colour.Of(0xC4DCF0);

    /// <summary>Colour of clouds.</summary>
    public Vector4 Cloud { get; init; } = Colour.Of(0xF8F8FA);

    /// <summary>Share of the sky that is clouded, 0..1.</summary>
    public Interval Clouds { get; init; } = new(0.1, 0.55);

    /// <summary>Light that falls on every face.</summary>
    public double Ambient { get; init; } = 0.62;

    /// <summary>Light of the sun on a face turned to it.</summary>
    public double Sun { get; init; } = 0.5;

    /// <summary>How much a cast shadow takes away, 0..1.</summary>
    public float Shadow { get; init; } = 0.45f;

    /// <summary>Colour that distance fades to.</summary>
    public Vector4 Haze { get; init; } = Colour.Of(0xC8D8E8);

    /// <summary>Fading a metre; 1 / density is the distance where about 63 % is gone.</summary>
    public Interval HazeDensity { get; init; } = new(0.0005, 0.002);

    /// <summary>Snow on faces that look up, 0..1.</summary>
    public float Snow { get; init; }

    /// <summary>Water on the ground, 0..1: darker and mirroring.</summary>
    public float Wetness { get; init; }

    /// <summary>How far the sun is gone, 0 (day) to 1 (only lamps shine).</summary>
    public float Darkness { get; init; }

    /// <summary>Share of windows that are lit.</summary>
    public float LitWindows { get; init; }

    /// <summary>Strength of lamps, headlights and signals, 0..1.</summary>
    public float Lamps { get; init; } = 0.15f;

    /// <summary>Overall factor on the image.</summary>
    public Interval Exposure { get; init; } = new(0.92, 1.08);

    /// <summary>Factor on the distance from mid grey.</summary>
    public float Contrast { get; init; } = 1.05f;

    /// <summary>Factor on the distance from grey of the same brightness.</summary>
    public float Saturation { get; init; } = 1.1f;

    /// <summary>Colour cast of the camera.</summary>
    public Vector4 Tint { get; init; } = Vector4.One;

    /// <summary>Radius of the blur in image heights.</summary>
    public Interval Blur { get; init; } = new(0, 0);

    /// <summary>Amplitude of the sensor's noise.</summary>
    public Interval Grain { get; init; } = new(0, 0.008);

    /// <summary>Rain streaks, 0..1.</summary>
    public float Streaks { get; init; }

    /// <summary>Snowflakes, 0..1.</summary>
    public float Flakes { get; init; }

    /// <summary>Darkening towards the corners, 0..1.</summary>
    public float Vignette { get; init; }
}
