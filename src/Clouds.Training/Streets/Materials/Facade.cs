using System.Numerics;

namespace Clouds.Training.Streets.Materials;

/// <summary>The front of a building: floors of windows, a ground floor with doors or shops, a cornice.</summary>
internal sealed class Facade : Material
{
    private static readonly Vector4 Lamp = Colour.Of(0xFFD890, 1);

    public required Vector4 Wall { get; init; }

    public required Vector4 Frame { get; init; }

    public required Vector4 Pane { get; init; }

    /// <summary>Height of the wall, metres.</summary>
    public required float Height { get; init; }

    /// <summary>Height of a floor, metres.</summary>
    public required float Floor { get; init; }

    /// <summary>Distance between windows, metres.</summary>
    public required float Bay { get; init; }

    /// <summary>Share of bay and floor that a window takes, 0..1; (1, ...) makes ribbon windows.</summary>
    public required float Width { get; init; }

    /// <summary>Share of the floor height that a window takes.</summary>
    public required float Tall { get; init; }

    /// <summary>Whether the ground floor has shop windows instead of doors.</summary>
    public bool Shops { get; init; }

    /// <summary>Share of windows that are lit.</summary>
    public float Lit { get; init; }

    public required uint Seed { get; init; }

    public override Vector4 Shade(in Spot spot)
    {
        float stain = NoiseTile.Sample(spot.U * 1.3f, spot.V * 1.3f, Seed) - 0.5f;
        float grain = (NoiseTile.Sample(spot.U * 9, spot.V * 9, Seed) - 0.5f) * Keep(0.5f, spot.Footprint);
        Vector4 wall = Colour.Scale(Wall, 1 + (0.2f * stain) + (0.14f * grain));
        if (spot.V > Height - 0.5f)
        {
            return Colour.Scale(Frame, spot.V > Height - 0.12f ? 0.7f : 0.95f);
        }

        return spot.V < Floor ? Street(spot, wall) : Storey(spot, wall);
    }

    private Vector4 Storey(in Spot spot, Vector4 wall)
    {
        float x = spot.U / Bay;
        float y = spot.V / Floor;
        float a = MathF.Abs(Fraction(x) - 0.5f) * 2;
        float b = MathF.Abs(Fraction(y) - 0.55f) * 2;
        float rim = 0.16f * Keep(0.25f, spot.Footprint);
        if (a > Width + rim || b > Tall + rim)
        {
            return wall;
        }

        return a > Width || b > Tall || a < 0.05f ? Frame : Window((int)MathF.Floor(x), (int)MathF.Floor(y), Fraction(y));
    }

    private Vector4 Street(in Spot spot, Vector4 wall)
    {
        float bay = Bay * (Shops ? 1.6f : 1);
        float x = spot.U / bay;
        int number = (int)MathF.Floor(x);
        float a = MathF.Abs(Fraction(x) - 0.5f) * 2;
        float y = spot.V / Floor;
        bool door = NoiseTile.Uniform(number, 0, Seed + 5) < 0.3f;
        if (Shops && y > 0.78f && y < 0.97f)
        {
            float hue = NoiseTile.Uniform(number / 3, 1, Seed);
            return new Vector4(0.25f + (0.6f * hue), 0.3f + (0.3f * Fraction(hue * 7)), 0.25f + (0.5f * Fraction(hue * 13)), 0.3f * Lit);
        }

        float foot = door ? 0 : Shops ? 0.15f : 0.35f;
        if (y < foot || y > 0.75f || a > (Shops ? 0.86f : 0.5f))
        {
            return Colour.Scale(wall, 0.88f);
        }

        return door && !Shops ? Colour.Scale(Frame, a > 0.42f ? 0.9f : 0.45f) : Window(number, 0, y);
    }

    private Vector4 Window(int x, int y, float height)
    {
        float chance = NoiseTile.Uniform(x, y, Seed);
        if (chance < Lit)
        {
            return Colour.Scale(Lamp, 0.6f + (0.4f * Fraction(chance * 97)));
        }

        float curtain = Fraction(chance * 31) < 0.25f && height > 0.55f ? 1.5f : 1;
        return Colour.Scale(Pane, curtain * (0.6f + (0.5f * height) + (0.4f * Fraction(chance * 13))));
    }
}
