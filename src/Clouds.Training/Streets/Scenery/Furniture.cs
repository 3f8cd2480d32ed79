using System.Numerics;
using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Scenery;

/// <summary>Lamp posts, traffic signs and traffic lights on their poles; bins, which no class covers.</summary>
internal sealed class Furniture(Scene scene, Street street, RandomStream random)
{
    private static readonly Vector4 LampShine = Colour.Of(0xFFD9A0);
    private static readonly uint[] Steels = [0x6A6E70, 0x50545A, 0x8A8E90, 0x3E4A44];
    private static readonly uint[] Signals = [0xFF3020, 0xFFB020, 0x30F080];

    /// <summary>A lamp post whose arm reaches over the road.</summary>
    public void LampPost(double lateral, double distance)
    {
        Panel panel = scene.FigureAt(street.At(lateral, 0, distance));
        Plain steel = Steel();
        double height = random.NextDouble(5, 8);
        double arm = lateral < 0 ? 1.6 : -1.6;
        panel.Limb(StreetClass.Pole, steel, new(0, 0), new(0, height), 0.2, 0.13);
        panel.Limb(StreetClass.Pole, steel, new(0, height - 0.1), new(arm, height + 0.25), 0.11, 0.09);
        panel.Rectangle(StreetClass.Pole, new Plain(Colour.Of(0xFFF2D8, scene.Look.Lamps)), arm - 0.35, height + 0.12, arm + 0.35, height + 0.28);
        Point3 bulb = street.At(lateral + (arm * scene.Stature), (height + 0.2) * scene.Stature, distance);
        scene.Lamps.Add(new Lamp(bulb, LampShine, 0.55 * scene.Look.Darkness, 0.8));
    }

    /// <summary>A bare pole or a bollard.</summary>
    public void Pole(double lateral, double distance)
    {
        bool isBollard = random.NextBoolean(0.4);
        double height = isBollard ? 0.95 : random.NextDouble(3, 9);
        scene.FigureAt(street.At(lateral, 0, distance)).Limb(StreetClass.Pole, Steel(), new(0, 0), new(0, height), 0.17, 0.14);
    }

    /// <summary>One or two signs on a pole.</summary>
    public void Sign(double lateral, double distance)
    {
        Panel panel = scene.FigureAt(street.At(lateral, 0, distance));
        double height = random.NextDouble(2.1, 2.8);
        panel.Limb(StreetClass.Pole, Steel(), new(0, 0), new(0, height + 0.4), 0.1, 0.1);
        Plate(panel, 0, height);
        if (random.NextBoolean(0.35))
        {
            Plate(panel, 0, height + 0.85);
        }
    }

    /// <summary>A large direction sign on two poles.</summary>
    public void Board(double lateral, double distance)
    {
        Panel panel = scene.FigureAt(street.At(lateral, 0, distance));
        double width = random.NextDouble(0.8, 1.4);
        panel.Limb(StreetClass.Pole, Steel(), new(-width * 0.7, 0), new(-width * 0.7, 3), 0.12, 0.12);
        panel.Limb(StreetClass.Pole, Steel(), new(width * 0.7, 0), new(width * 0.7, 3), 0.12, 0.12);
        panel.Rectangle(StreetClass.TrafficSign, new Signage(SignKind.Direction), -width, 1.9, width, 3.3);
    }

    /// <summary>A traffic light beside the road and, on a mast, perhaps one above it.</summary>
    public void TrafficLight(double lateral, double distance)
    {
        Panel panel = scene.FigureAt(street.At(lateral, 0, distance));
        Plain steel = Steel();
        int lit = random.NextInt32(3);
        double arm = lateral < 0 ? 3.4 : -3.4;
        bool hasMast = random.NextBoolean(0.45);
        panel.Limb(StreetClass.Pole, steel, new(0, 0), new(0, hasMast ? 5.6 : 3.3), 0.16, 0.13);
        Head(panel, lateral, distance, 0, 2.3, lit);
        if (hasMast)
        {
            panel.Limb(StreetClass.Pole, steel, new(0, 5.5), new(arm, 5.7), 0.12, 0.1);
            Head(panel, lateral, distance, arm, 4.7, lit);
        }
    }

    /// <summary>A bin or box: part of the scene, but none of the 19 classes.</summary>
    public void Bin(double lateral, double distance)
    {
        scene.BeginThing();
        Plain paint = new(Palette(0x3A4A3E, 0x5A5C5E, 0x8A6A2A), 0.15f, 0.2f);
        Solid solid = new(scene.Solids, StreetClass.Ignored, street.FrameAt(lateral, distance));
        solid.Box(paint, paint, (-0.3, 0.3), (0, random.NextDouble(0.7, 1.3)), (-0.3, 0.3));
    }

    private void Plate(Panel panel, double x, double y)
    {
        SignKind kind = (SignKind)random.NextInt32(6);
        Signage face = new(kind);
        const double Radius = 0.4;
        switch (kind)
        {
            case SignKind.Warning:
                panel.Polygon(StreetClass.TrafficSign, face, new(x - Radius, y - Radius), new(x + Radius, y - Radius), new(x, y + Radius));
                break;
            case SignKind.Priority:
                panel.Polygon(StreetClass.TrafficSign, face, new(x, y - Radius), new(x + Radius, y), new(x, y + Radius), new(x - Radius, y));
                break;
            case SignKind.Direction:
                panel.Rectangle(StreetClass.TrafficSign, face, x - 0.5, y - 0.3, x + 0.5, y + 0.3);
                break;
            default:
                panel.Ellipse(StreetClass.TrafficSign, face, x, y, Radius, Radius);
                break;
        }
    }

    private void Head(Panel panel, double lateral, double distance, double x, double y, int lit)
    {
        panel.Rectangle(StreetClass.TrafficLight, new Plain(Colour.Of(0x1C1E1E)), x - 0.24, y, x + 0.24, y + 1.2);
        for (int i = 0; i < 3; i++)
        {
            double height = y + 0.98 - (0.38 * i);
            Vector4 colour = Colour.Of(Signals[i], i == lit ? 1 : 0);
            panel.Ellipse(StreetClass.TrafficLight, new Plain(i == lit ? colour : Colour.Scale(colour, 0.2f)), x, height, 0.15, 0.15);
            if (i == lit)
            {
                scene.Lamps.Add(new Lamp(street.At(lateral + (x * scene.Stature), height * scene.Stature, distance), colour, 0.16, 0));
            }
        }
    }

    private Plain Steel() => new(Palette(Steels), 0.1f, 0.4f);

    private Vector4 Palette(params uint[] colours) => Looks.Palette.Pick(colours, random);
}
