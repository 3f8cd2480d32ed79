using System.Numerics;
using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Scenery;

/// <summary>Flat figures: people on foot, bicycles and motorcycles with and without riders.</summary>
internal sealed class People(Scene scene, RandomStream random)
{
    private static readonly Vector4 Hair = Colour.Of(0x2A2018);
    private static readonly Vector4 Rubber = Colour.Of(0x1A1A1C);

    private readonly Palette _palette = scene.Look.Palette;

    /// <summary>Someone who stands or walks.</summary>
    public void Pedestrian(Point3 foot)
    {
        Panel panel = scene.FigureAt(foot);
        double h = random.NextBoolean(0.15) ? random.NextDouble(1.05, 1.4) : random.NextDouble(1.58, 1.9);
        double stride = random.NextDouble(-0.16, 0.16) * h;
        Material trousers = Cloth(0.7f);
        Material shirt = Cloth(1);
        Plain shoe = new(Colour.Of(0x201C1A));
        foreach (double side in (ReadOnlySpan<double>)[-1, 1])
        {
            Corner hip = new(side * 0.045 * h, 0.5 * h);
            Corner ankle = new(side * ((0.04 * h) + stride), 0.03 * h);
            panel.Limb(StreetClass.Person, trousers, hip, ankle, 0.1 * h, 0.065 * h);
            panel.Rectangle(StreetClass.Person, shoe, ankle.U - (0.04 * h), 0, ankle.U + (0.06 * h), 0.045 * h);
        }

        double swing = stride * 0.8;
        panel.Limb(StreetClass.Person, shirt, new(-0.115 * h, 0.8 * h), new((-0.14 * h) + swing, 0.48 * h), 0.065 * h, 0.05 * h);
        panel.Limb(StreetClass.Person, shirt, new(0.115 * h, 0.8 * h), new((0.14 * h) - swing, 0.48 * h), 0.065 * h, 0.05 * h);
        Torso(panel, StreetClass.Person, shirt, 0, 0.46 * h, 0, 0.84 * h, 0.22 * h, 0.27 * h);
        Head(panel, StreetClass.Person, 0, 0.92 * h, 0.062 * h, hat: false);
        GroundShadow.Ellipse(scene, foot, 0.3, 0.2);
    }

    /// <summary>A bicycle seen from the side.</summary>
    public void Bicycle(Point3 foot, bool hasRider)
    {
        Panel panel = scene.FigureAt(foot);
        double s = random.NextBoolean() ? 1 : -1;
        Plain frame = new(Palette.Pick(_palette.Paints, random), 0.05f);
        Wheel wheel = new(Rubber, Colour.Of(0x8E8E8A), 0.78f);
        panel.Ellipse(StreetClass.Bicycle, wheel, -0.52, 0.34, 0.34, 0.34);
        panel.Ellipse(StreetClass.Bicycle, wheel, 0.52, 0.34, 0.34, 0.34);
        (Corner From, Corner To)[] tubes =
        [
            (new(-0.52 * s, 0.34), new(-0.18 * s, 0.85)), (new(-0.52 * s, 0.34), new(-0.05 * s, 0.32)), (new(-0.05 * s, 0.32), new(-0.2 * s, 0.92)),
            (new(-0.05 * s, 0.32), new(0.36 * s, 0.8)), (new(-0.18 * s, 0.8), new(0.36 * s, 0.82)), (new(0.52 * s, 0.34), new(0.33 * s, 1.02)),
            (new(0.33 * s, 1.02), new(0.16 * s, 1.06)),
        ];
        foreach ((Corner from, Corner to) in tubes)
        {
            panel.Limb(StreetClass.Bicycle, frame, from, to, 0.075, 0.075);
        }

        panel.Rectangle(StreetClass.Bicycle, new Plain(Rubber), (-0.2 * s) - 0.14, 0.9, (-0.2 * s) + 0.12, 0.97);
        if (hasRider)
        {
            Rider(panel, new(-0.18 * s, 0.95), new(0.1 * s, 1.48), new(0.28 * s, 1.08), new(0.02 * s, 0.25), 0.75, random.NextBoolean(0.4));
        }

        GroundShadow.Ellipse(scene, foot, 0.5, 0.1);
    }

    /// <summary>A motorcycle or scooter seen from the side.</summary>
    public void Motorcycle(Point3 foot, bool hasRider)
    {
        Panel panel = scene.FigureAt(foot);
        double s = random.NextBoolean() ? 1 : -1;
        Plain paint = new(Palette.Pick(_palette.Paints, random), 0.08f);
        Plain metal = new(Colour.Of(0x5A5C60), 0.3f, 0.08f);
        Wheel wheel = new(Rubber, Colour.Of(0x6A6A6A), 0.6f);
        panel.Ellipse(StreetClass.Motorcycle, wheel, -0.68, 0.32, 0.32, 0.32);
        panel.Ellipse(StreetClass.Motorcycle, wheel, 0.68, 0.32, 0.32, 0.32);
        panel.Polygon(StreetClass.Motorcycle, metal, new(-0.42, 0.25), new(0.38, 0.25), new(0.42, 0.62), new(-0.5, 0.62));
        panel.Ellipse(StreetClass.Motorcycle, paint, 0.14 * s, 0.78, 0.36, 0.19);
        panel.Limb(StreetClass.Motorcycle, new Plain(Rubber), new(-0.85 * s, 0.82), new(-0.08 * s, 0.76), 0.15, 0.17);
        panel.Limb(StreetClass.Motorcycle, metal, new(0.7 * s, 0.32), new(0.44 * s, 1.05), 0.12, 0.09);
        panel.Limb(StreetClass.Motorcycle, paint, new(0.9 * s, 0.66), new(0.45 * s, 0.7), 0.1, 0.12);
        panel.Ellipse(StreetClass.Motorcycle, new Plain(Colour.Of(0xF4F0DC, 0.5f)), 0.56 * s, 0.92, 0.1, 0.1);
        if (hasRider)
        {
            Rider(panel, new(-0.25 * s, 0.85), new(0.0, 1.42), new(0.4 * s, 1.05), new(0.1 * s, 0.35), 0.8, true);
        }

        GroundShadow.Ellipse(scene, foot, 0.7, 0.1);
    }

    /// <summary>A two-wheeler seen from behind, with its rider.</summary>
    public void FromBehind(Point3 foot, bool hasMotor)
    {
        Panel panel = scene.FigureAt(foot);
        StreetClass name = hasMotor ? StreetClass.Motorcycle : StreetClass.Bicycle;
        double width = hasMotor ? 0.11 : 0.045;
        Plain rubber = new(Rubber);
        Material jacket = Cloth(1);
        Material trousers = Cloth(0.7f);
        panel.Ellipse(name, rubber, 0, 0.34, width, 0.34);
        panel.Limb(name, new Plain(Palette.Pick(_palette.Paints, random)), new(0, 0.3), new(0, 0.9), hasMotor ? 0.3 : 0.09, hasMotor ? 0.36 : 0.09);
        panel.Limb(name, rubber, new(-0.33, 1.02), new(0.33, 1.02), 0.06, 0.06);
        panel.Ellipse(name, new Plain(Colour.Of(0xD82018, 0.7f)), 0, 0.66, 0.06, 0.06);
        panel.Limb(StreetClass.Rider, trousers, new(-0.1, 0.95), new(-0.17, 0.3), 0.16, 0.1);
        panel.Limb(StreetClass.Rider, trousers, new(0.1, 0.95), new(0.17, 0.42), 0.16, 0.1);
        panel.Limb(StreetClass.Rider, jacket, new(-0.2, 1.4), new(-0.3, 1.02), 0.11, 0.08);
        panel.Limb(StreetClass.Rider, jacket, new(0.2, 1.4), new(0.3, 1.02), 0.11, 0.08);
        Torso(panel, StreetClass.Rider, jacket, 0, 0.85, 0, 1.48, 0.34, 0.46);
        Head(panel, StreetClass.Rider, 0, 1.62, 0.12, hasMotor || random.NextBoolean(0.4));
        GroundShadow.Ellipse(scene, foot, 0.4, 0.1);
    }

    private void Rider(Panel panel, Corner hip, Corner shoulder, Corner hand, Corner pedal, double knee, bool hasHelmet)
    {
        Material jacket = Cloth(1);
        Material trousers = Cloth(0.7f);
        Corner bend = new(((hip.U + pedal.U) / 2) + (0.3 * Math.Sign(hand.U)), knee);
        panel.Limb(StreetClass.Rider, trousers, hip, bend, 0.19, 0.14);
        panel.Limb(StreetClass.Rider, trousers, bend, pedal, 0.14, 0.1);
        panel.Limb(StreetClass.Rider, new Plain(Colour.Of(0x221E1C)), pedal, new(pedal.U + (0.16 * Math.Sign(hand.U)), pedal.V - 0.03), 0.1, 0.07);
        panel.Limb(StreetClass.Rider, jacket, hip, shoulder, 0.3, 0.34);
        panel.Limb(StreetClass.Rider, jacket, new(shoulder.U, shoulder.V - 0.06), hand, 0.12, 0.09);
        Head(panel, StreetClass.Rider, shoulder.U + (0.06 * Math.Sign(hand.U)), shoulder.V + 0.19, 0.12, hasHelmet);
    }

    private static void Torso(Panel panel, StreetClass name, Material cloth, double x0, double y0, double x1, double y1, double width0, double width1) =>
        panel.Polygon(
            name,
            cloth,
            new(x0 - (width0 / 2), y0),
            new(x0 + (width0 / 2), y0),
            new(x1 + (width1 / 2), y1 - (width1 * 0.2)),
            new(x1 + (width1 * 0.3), y1),
            new(x1 - (width1 * 0.3), y1),
            new(x1 - (width1 / 2), y1 - (width1 * 0.2)));

    private void Head(Panel panel, StreetClass name, double x, double y, double radius, bool hat)
    {
        panel.Ellipse(name, new Rounded(Palette.Pick(_palette.Skins, random), 0.15f), x, y, radius * 0.85, radius * 1.15);
        Vector4 top = hat ? Palette.Pick(_palette.Cloths, random) : Hair;
        panel.Ellipse(name, new Rounded(top, 0.2f), x, y + (radius * 0.45), radius * (hat ? 1.1 : 0.92), radius * (hat ? 0.85 : 0.75));
    }

    private Rounded Cloth(float brightness) => new(Colour.Scale(Palette.Pick(_palette.Cloths, random), brightness), 0.18f);
}
