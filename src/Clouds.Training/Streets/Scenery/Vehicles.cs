using System.Numerics;
using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Scenery;

/// <summary>Cars, trucks, buses and trams as boxes and prisms. Frames: origin on the ground below the rear, z towards the front.</summary>
internal sealed class Vehicles(Scene scene, RandomStream random)
{
    private static readonly Vector4 Tyre = Colour.Of(0x18181A);
    private static readonly Vector4 Rim = Colour.Of(0x9A9CA0);
    private static readonly Vector4 RearLight = Colour.Of(0xE02018, 0.7f);
    private static readonly Vector4 HeadLight = Colour.Of(0xF6F4E4, 0.7f);
    private static readonly Plain Dark = new(Colour.Of(0x242628), 0.1f);
    private static readonly Plain NumberPlate = new(Colour.Of(0xE8E6DC), 0.1f, 0.05f);
    private static readonly Glass Window = new(Colour.Of(0x6E8294), Colour.Of(0x1E262E));

    private readonly Palette _palette = scene.Look.Palette;

    /// <summary>A saloon, an estate or a small van.</summary>
    public void Car(Frame frame)
    {
        bool isVan = random.NextBoolean(0.18);
        double length = isVan ? 4.8 : random.NextDouble(3.7, 4.6);
        double half = isVan ? 0.98 : random.NextDouble(0.84, 0.93);
        double height = isVan ? 2.1 : random.NextDouble(1.4, 1.62);
        double belt = isVan ? 1.15 : 0.92;
        double tail = isVan || random.NextBoolean(0.5) ? 0.08 : 0.75;
        Plain paint = new(Palette.Pick(_palette.Paints, random), 0.06f, 0.5f);
        scene.BeginThing();
        Solid body = new(scene.Solids, StreetClass.Car, frame);
        GroundShadow.Patch(scene, frame, -half - 0.12, half + 0.12, -0.15, length + 0.15);
        body.Box(paint, paint, (-half, half), (0.3, belt), (0, length));
        body.Box(Dark, Dark, (-half + 0.04, half - 0.04), (0.16, 0.3), (0.05, length - 0.05));
        double hood = isVan ? 0.75 : 1.25;
        body.Prism(
            Window, paint, (belt, height), (-half + 0.06, half - 0.06, tail, length - hood), (-half + 0.24, half - 0.24, tail + 0.35, length - hood - 0.75));
        Pillars(body, half, belt, height, tail, length - hood, paint);
        Wheels(body, half, 0.33, 0.75, length - 0.8);
        Ends(body, half, length, 0.55, 0.86);
        Lights(frame, half - 0.25, 0.7, length);
    }

    /// <summary>A lorry with a box or a tarpaulin.</summary>
    public void Truck(Frame frame)
    {
        double length = random.NextDouble(6.5, 10);
        double height = random.NextDouble(2.9, 3.8);
        Plain load = new(Palette.Pick([0xD8D6D0, 0x3A5A8A, 0xB8452E, 0xC8B050, 0x4A7A5A, 0xE6E6E6], random), 0.12f, 0.7f, random.NextUInt32());
        Plain cab = new(Palette.Pick(_palette.Paints, random), 0.06f, 0.5f);
        scene.BeginThing();
        Solid body = new(scene.Solids, StreetClass.Truck, frame);
        GroundShadow.Patch(scene, frame, -1.35, 1.35, -0.2, length + 0.2);
        body.Box(load, load, (-1.22, 1.22), (1.0, height), (0, length - 2));
        body.Box(Dark, Dark, (-1.0, 1.0), (0.5, 1.0), (0.1, length - 1.6));
        body.Box(cab, cab, (-1.15, 1.15), (0.5, 2.7), (length - 1.8, length));
        body.Plate(Window, length + 0.02, -1, 1.55, 1, 2.45);
        body.Flank(Window, -1.17, length - 1.2, 1.55, length - 0.2, 2.4);
        body.Flank(Window, 1.17, length - 1.2, 1.55, length - 0.2, 2.4);
        body.Plate(Dark, -0.02, -0.03, 1.05, 0.03, height - 0.1);
        Wheels(body, 1.15, 0.48, 1.4, 2.5, length - 1.0);
        Ends(body, 1.1, length, 0.62, 0.85);
        Lights(frame, 0.9, 0.75, length);
    }

    /// <summary>A city bus.</summary>
    public void Bus(Frame frame)
    {
        Plain paint = new(Palette.Pick([0xC8B020, 0xB02020, 0xE8E4DC, 0x2A6A4A, 0x2A5A9A], random), 0.06f, 0.6f);
        double length = random.NextDouble(9, 12);
        scene.BeginThing();
        Solid body = new(scene.Solids, StreetClass.Bus, frame);
        GroundShadow.Patch(scene, frame, -1.4, 1.4, -0.2, length + 0.2);
        Carriage(body, paint, length, 3.05);
        body.Plate(Window, -0.03, -1.05, 1.5, 1.05, 2.5);
        body.Plate(new Plain(Colour.Of(0xF0A020, 0.8f)), -0.04, -0.7, 2.62, 0.7, 2.88);
        body.Plate(Window, length + 0.03, -1.15, 1.0, 1.15, 2.5);
        body.Plate(new Plain(Colour.Of(0xF0A020, 0.8f)), length + 0.04, -0.9, 2.6, 0.9, 2.9);
        Wheels(body, 1.24, 0.48, 2.4, length - 2.4);
        Ends(body, 1.15, length, 0.6, 0.9);
        Lights(frame, 1, 0.75, length);
    }

    /// <summary>A tram of two or three carriages: the class train.</summary>
    public void Tram(Frame frame)
    {
        Plain paint = new(Palette.Pick([0xD8C020, 0xC03028, 0xE6E6E2, 0x3A8A5A], random), 0.06f, 0.6f);
        int carriages = 2 + random.NextInt32(2);
        scene.BeginThing();
        Solid body = new(scene.Solids, StreetClass.Train, frame);
        GroundShadow.Patch(scene, frame, -1.4, 1.4, 0, carriages * 10.4);
        for (int i = 0; i < carriages; i++)
        {
            Frame carriage = frame with { Origin = frame.At(0, 0, i * 10.4) };
            Carriage(new Solid(scene.Solids, StreetClass.Train, carriage), paint, 10, 3.5);
        }

        double end = (carriages * 10.4) - 0.4;
        body.Plate(Window, -0.03, -1, 1.4, 1, 2.8);
        body.Plate(Window, end + 0.03, -1, 1.4, 1, 2.8);
        body.Plate(Dark, -0.02, -1.15, 0.2, 1.15, 0.55);
        body.Box(Dark, Dark, (-0.5, 0.5), (3.5, 4.4), (4.6, 4.9));
        Ends(body, 1.1, end, 0.75, 1.0);
        Lights(frame, 0.9, 0.85, end);
    }

    private static void Carriage(Solid body, Plain paint, double length, double height)
    {
        body.Box(paint, paint, (-1.25, 1.25), (0.32, height), (0, length));
        for (double z = 0.35; z + 1.2 < length; z += 1.4)
        {
            body.Flank(Window, -1.27, z, 1.25, z + 1.2, height - 0.55);
            body.Flank(Window, 1.27, z, 1.25, z + 1.2, height - 0.55);
        }
    }

    private static void Pillars(Solid body, double half, double belt, double height, double from, double to, Plain paint)
    {
        foreach (int side in (ReadOnlySpan<int>)[-1, 1])
        {
            double foot = side * (half - 0.05);
            double head = side * (half - 0.23);
            double middle = from + ((to - from) * 0.48);
            body.Polygon(paint, (foot, belt, middle), (foot, belt, middle + 0.12), (head, height, middle + 0.02), (head, height, middle - 0.08));
            body.Polygon(paint, (foot, belt, from), (foot, belt, from + 0.16), (head, height, from + 0.5), (head, height, from + 0.35));
            body.Polygon(paint, (foot, belt, to - 0.1), (foot, belt, to), (head, height, to - 0.75), (head, height, to - 0.85));
        }
    }

    private static void Wheels(Solid body, double half, double radius, params ReadOnlySpan<double> axles)
    {
        foreach (double z in axles)
        {
            Wheel rubber = new(Tyre, Rim, 0.68f);
            body.Disc(rubber, -half - 0.015, radius, z, radius);
            body.Disc(rubber, half + 0.015, radius, z, radius);
            foreach (double facing in (ReadOnlySpan<double>)[z - radius, z + radius])
            {
                body.Plate(Dark, facing, -half, 0.02, -half + 0.22, radius);
                body.Plate(Dark, facing, half - 0.22, 0.02, half, radius);
            }
        }
    }

    private static void Ends(Solid body, double half, double length, double low, double high)
    {
        Plain red = new(RearLight, 0);
        Plain white = new(HeadLight, 0);
        body.Plate(red, -0.03, -half + 0.03, low, -half + 0.3, high);
        body.Plate(red, -0.03, half - 0.3, low, half - 0.03, high);
        body.Plate(white, length + 0.03, -half + 0.05, low, -half + 0.4, high - 0.08);
        body.Plate(white, length + 0.03, half - 0.4, low, half - 0.05, high - 0.08);
        body.Plate(NumberPlate, -0.03, -0.26, low - 0.08, 0.26, low + 0.04);
        body.Plate(Dark, length + 0.03, -half + 0.45, low - 0.1, half - 0.45, low + 0.14);
    }

    private void Lights(Frame frame, double x, double y, double length)
    {
        // Only the end that the camera sees shines at it.
        bool showsFront = frame.Ahead.Z < -0.5;
        bool showsRear = frame.Ahead.Z > 0.5;
        if (!showsFront && !showsRear)
        {
            return;
        }

        double z = showsFront ? length : 0;
        Vector4 colour = showsFront ? Colour.Of(0xFFF4D8) : Colour.Of(0xE02010);
        double radius = showsFront ? 0.26 : 0.13;
        scene.Lamps.Add(new Lamp(frame.At(-x, y, z), colour, radius, showsFront ? 0.25 : 0));
        scene.Lamps.Add(new Lamp(frame.At(x, y, z), colour, radius, 0));
    }
}
