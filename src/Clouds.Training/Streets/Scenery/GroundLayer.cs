using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Scenery;

/// <summary>Lays road, kerbs, sidewalks and grass, cut into slabs along the street so that it can bend.</summary>
internal sealed class GroundLayer(Scene scene, Street street, RandomStream random)
{
    private const double Reach = 90;

    private static readonly double[] Cuts = [-2, 2, 4, 7, 11, 16, 22, 30, 40, 54, 72, 95, 130, 260];

    private readonly Palette _palette = scene.Look.Palette;

    /// <summary>Lays all of it.</summary>
    /// <param name="isCobbled">Stones instead of asphalt.</param>
    /// <param name="greenYards">Grass between sidewalk and houses, per side: left, right.</param>
    public void Lay(bool isCobbled, (bool Left, bool Right) greenYards)
    {
        Asphalt road = Road(isCobbled);
        Paving paving = new(Palette.Pick(_palette.Pavings, random), random.NextBoolean() ? 0.5f : 0.9f, random.NextUInt32());
        Turf grass = new(Palette.Pick(_palette.Grass, random), Palette.Pick(_palette.Earth, random), random.NextUInt32());
        Plain kerb = new(Colour.Scale(Palette.Pick(_palette.Pavings, random), 1.12f), 0.1f, 0.3f);
        double[] cuts = [.. Cuts.Append(street.CrossingFrom).Append(street.CrossingTo).Where(z => z <= Cuts[^1]).Order()];
        for (int i = 0; i + 1 < cuts.Length; i++)
        {
            (double from, double to) = (cuts[i], cuts[i + 1]);
            if (from >= street.CrossingFrom && to <= street.CrossingTo)
            {
                Strip(StreetClass.Road, road, -Reach, Reach, from, to);
                continue;
            }

            Strip(StreetClass.Road, road, -street.Left.RoadEdge, street.Right.RoadEdge, from, to);
            LaySide(street.Left, paving, grass, kerb, greenYards.Left, from, to);
            LaySide(street.Right, paving, grass, kerb, greenYards.Right, from, to);
        }
    }

    private void LaySide(Side side, Paving paving, Turf grass, Plain kerb, bool greenYard, double from, double to)
    {
        Outward(StreetClass.Sidewalk, kerb, side, side.RoadEdge, side.RoadEdge + 0.2, from, to);
        Outward(StreetClass.Terrain, grass, side, side.RoadEdge + 0.2, side.SidewalkEdge, from, to);
        Outward(StreetClass.Sidewalk, paving, side, side.SidewalkEdge, side.Back, from, to);
        Outward(greenYard ? StreetClass.Terrain : StreetClass.Sidewalk, greenYard ? grass : paving, side, side.Back, side.Front, from, to);
        Outward(StreetClass.Terrain, grass, side, side.Front, Reach, from, to);
    }

    private void Outward(StreetClass name, Material material, Side side, double inner, double outer, double from, double to)
    {
        if (outer > inner)
        {
            Strip(name, material, side.Sign < 0 ? -outer : inner, side.Sign < 0 ? -inner : outer, from, to);
        }
    }

    private void Strip(StreetClass name, Material material, double left, double right, double from, double to)
    {
        Point3 along = (street.At(0, 0, to) - street.At(0, 0, from)) * (1 / (to - from));
        Corner[] outline = [new(left, from), new(right, from), new(right, to), new(left, to)];
        scene.Ground.Add(new Face(name, material, street.At(0, 0, from) - (along * from), Point3.Right, along, outline));
    }

    private Asphalt Road(bool isCobbled)
    {
        List<float> dashed = [];
        List<float> solid = [];
        int lanes = street.LanesAhead + street.LanesOncoming;
        for (int lane = 0; lane <= lanes && street.IsMarked; lane++)
        {
            float line = (float)(street.LaneCentre(lane) - (street.LaneWidth / 2));
            bool isSolid = lane == 0 || lane == lanes || (lane == street.LanesOncoming && random.NextBoolean());
            (isSolid ? solid : dashed).Add(line);
        }

        return new Asphalt
        {
            Surface = Palette.Pick(_palette.Roads, random),
            Seed = random.NextUInt32(),
            Cobble = isCobbled ? 0.22f : 0,
            Dashed = [.. dashed],
            Solid = [.. solid],
            Zebra = street.HasCrossing ? (float)street.CrossingFrom - 3.2f : 1e6f,
        };
    }
}
