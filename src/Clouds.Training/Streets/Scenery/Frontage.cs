using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Scenery;

/// <summary>What lines the street behind the sidewalks, stretch by stretch: houses, walls, fences, hedges, open green.</summary>
internal sealed class Frontage(Scene scene, Street street, StreetConfig config, RandomStream random)
{
    private readonly Palette _palette = scene.Look.Palette;
    private readonly Greenery _greenery = new(scene, street, random);
    private readonly Houses _houses = new(scene, street, config, random);

    /// <summary>Lines both sides and closes the view at the end.</summary>
    public void Line()
    {
        foreach (Side side in street.Sides)
        {
            double distance = random.NextDouble(-8, 2);
            while (distance < Street.End)
            {
                distance = Stretch(side, distance);
            }
        }

        CloseView();
    }

    private double Stretch(Side side, double from)
    {
        double[] weights = [config.BuildingWeight, config.GreenWeight, config.HedgeWeight, config.WallWeight, config.FenceWeight];
        int kind = Choose(weights);
        double length = kind == 0 ? Math.Max(3, config.BuildingLength.Draw(random)) : random.NextDouble(8, 20);
        double to = from + length;
        if (street.Crosses(from, to))
        {
            if (from < street.CrossingFrom - 6)
            {
                to = street.CrossingFrom - 2;
            }
            else
            {
                return street.CrossingTo + 2;
            }
        }

        switch (kind)
        {
            case 0:
                _houses.House(side, side.Front, from, to);
                break;
            case 1:
                Green(side, from, to);
                break;
            case 2:
                _greenery.Hedge(side, side.Back + 0.3, from, to, random.NextDouble(1, 2.2));
                Behind(side, from, to);
                break;
            case 3:
                Wall(side, from, to);
                Behind(side, from, to);
                break;
            default:
                Fence(side, from, to);
                Behind(side, from, to);
                break;
        }

        return to + (random.NextBoolean(0.25) ? random.NextDouble(0.5, 4) : 0);
    }

    private void Green(Side side, double from, double to)
    {
        if (config.Trees <= 0)
        {
            return;
        }

        int trees = 2 + random.NextInt32(4);
        for (int i = 0; i < trees; i++)
        {
            double lateral = side.Back + random.NextDouble(1.5, 14);
            _greenery.Tree(side.Sign * lateral, Math.Max(4, random.NextDouble(from, to)), config.TreeHeight.Draw(random));
        }

        if (random.NextBoolean(0.6))
        {
            _greenery.Bush(side.Sign * (side.Back + random.NextDouble(1, 5)), Math.Max(5, random.NextDouble(from, to)), random.NextDouble(0.6, 1.4));
        }
    }

    /// <summary>Wall and fence do not hide what is behind them: a house set back, or trees.</summary>
    private void Behind(Side side, double from, double to)
    {
        if (random.NextBoolean(config.BuildingWeight / (config.BuildingWeight + (2 * config.GreenWeight))))
        {
            _houses.House(side, side.Back + random.NextDouble(6, 14), from, to);
        }
        else
        {
            Green(side with { Sidewalk = side.Sidewalk + 2 }, from, to);
        }
    }

    private void Wall(Side side, double from, double to)
    {
        Masonry stone = new(Palette.Pick(_palette.Masonry, random), Colour.Of(0xB0A898), (float)random.NextDouble(0.12, 0.3), random.NextUInt32());
        Plain cap = new(Colour.Of(0x98948C), 0.15f, 0.3f);
        double height = random.NextDouble(1.4, 3.2);
        double lateral = side.Back + 0.1;
        Barrier(StreetClass.Wall, stone, side, lateral, from, to, 0, height);
        Barrier(StreetClass.Wall, cap, side, lateral - 0.06, from, to, height, height + 0.15);
        GroundShadow.Wall(scene, street.At(side.Sign * lateral, 0, from), street.At(side.Sign * lateral, 0, to), height);
    }

    private void Fence(Side side, double from, double to)
    {
        bool isBoards = random.NextBoolean(0.35);
        uint[] colours = isBoards ? [0x8A6A48, 0xE4E2DC, 0x6A5844] : [0x2A2E30, 0x5A6468, 0x2E4A3A];
        Bars bars = new(
            Palette.Pick(colours, random),
            Colour.Scale(Palette.Pick(_palette.Grass, random), 0.7f),
            isBoards ? 0.16f : 0.12f,
            isBoards ? 0.85f : 0.4f,
            random.NextUInt32());
        Barrier(StreetClass.Fence, bars, side, side.Back + 0.1, from, to, 0, config.FenceHeight.Draw(random));
    }

    private void Barrier(StreetClass name, Material material, Side side, double lateral, double from, double to, double low, double high)
    {
        Point3 a = street.At(side.Sign * lateral, low, from);
        Point3 b = street.At(side.Sign * lateral, low, to);
        Point3 rise = Point3.Up * (high - low);
        scene.Solids.Add(Face.Through(name, material, a, b, b + rise, a + rise));
        Point3 back = Point3.Right * (side.Sign * 0.3);
        scene.Solids.Add(Face.Through(name, material, a, a + back, a + back + rise, a + rise));
    }

    private void CloseView()
    {
        double greens = config.GreenWeight / (config.GreenWeight + config.BuildingWeight);
        for (double x = -110; x < 110;)
        {
            double width = random.NextDouble(12, 35);
            if (random.NextBoolean(Math.Min(0.8, greens * 2)))
            {
                _greenery.Treeline(x, x + width, Street.End + 6, config.TreeHeight.Draw(random) * 1.3);
            }
            else
            {
                _houses.Distant(x, x + width, Street.End + 8 + random.NextDouble(0, 6));
            }

            x += width;
        }
    }

    private int Choose(double[] weights)
    {
        double left = random.NextDouble() * weights.Sum();
        for (int i = 0; i + 1 < weights.Length; i++)
        {
            left -= weights[i];
            if (left < 0)
            {
                return i;
            }
        }

        return weights.Length - 1;
    }
}
