using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Geometry;

namespace Clouds.Training.Streets.Scenery;

/// <summary>Puts trees, posts, signs, people and two-wheelers along the road.</summary>
internal sealed class Sidewalks(Scene scene, Street street, StreetConfig config, RandomStream random)
{
    private readonly Greenery _greenery = new(scene, street, random);
    private readonly Furniture _furniture = new(scene, street, random);
    private readonly People _people = new(scene, random);

    /// <summary>Both sides and the crossing.</summary>
    public void Fill()
    {
        foreach (Side side in street.Sides)
        {
            double kerb = side.Verge > 0 ? side.RoadEdge + (side.Verge / 2) : side.SidewalkEdge + 0.35;
            Scatter(config.Trees, 6, 80, z => _greenery.Tree(side.Sign * kerb, z, config.TreeHeight.Draw(random)));
            Scatter(config.Poles, 5, 90, z => Post(side.Sign * (kerb - 0.1), z));
            Scatter(config.Signs, 6, 70, z => Sign(side.Sign * (kerb + 0.1), z));
            if (config.Signals > 0)
            {
                Scatter(config.Signals, 6, 50, z => _furniture.TrafficLight(side.Sign * (side.RoadEdge + 0.5), z));
            }

            Scatter(1, 5, 40, z => _furniture.Bin(side.Sign * (side.Back - 0.4), z));
            Scatter(config.People, 4, 60, z => Group(side, z));
            Scatter(config.ParkedBikes, 4, 45, z => ParkBikes(side, z));
            Scatter(config.Riders, 6, 55, z => Ride(side, z));
        }

        if (street.HasCrossing)
        {
            Equip();
        }
    }

    /// <summary>Calls for a random number of places; near ones are likelier, since the far ones are hardly seen.</summary>
    private void Scatter(double per100, double from, double to, Action<double> place)
    {
        double expected = per100 * (to - from) / 100;
        int count = (int)(expected * random.NextDouble(0.4, 1.6) + random.NextDouble());
        for (int i = 0; i < count; i++)
        {
            double t = random.NextDouble();
            double z = from + ((to - from) * config.Reach * t * Math.Sqrt(t));
            if (!street.Crosses(z, z))
            {
                place(z);
            }
        }
    }

    private void Post(double lateral, double z)
    {
        if (random.NextBoolean(0.6))
        {
            _furniture.LampPost(lateral, z);
        }
        else
        {
            _furniture.Pole(lateral, z);
        }
    }

    private void Sign(double lateral, double z)
    {
        if (random.NextBoolean(0.15))
        {
            _furniture.Board(lateral, z);
        }
        else
        {
            _furniture.Sign(lateral, z);
        }
    }

    private void Group(Side side, double z)
    {
        int size = 1 + random.NextInt32(3);
        double lateral = random.NextDouble(side.SidewalkEdge + 0.4, side.Back - 0.2);
        for (int i = 0; i < size; i++)
        {
            double place = side.Sign * (lateral + (0.65 * i));
            _people.Pedestrian(street.At(place, 0, z + random.NextDouble(-0.4, 0.4)));
        }
    }

    private void ParkBikes(Side side, double z)
    {
        bool hasMotor = random.NextBoolean(config.MotorcycleShare);
        int count = 1 + random.NextInt32(hasMotor ? 2 : 3);
        for (int i = 0; i < count; i++)
        {
            Point3 foot = street.At(side.Sign * (side.SidewalkEdge + 0.9 + random.NextDouble(0, 0.4)), 0, z + (0.6 * i));
            TwoWheeler(foot, hasMotor, hasRider: false);
        }
    }

    private void Ride(Side side, double z)
    {
        bool hasMotor = random.NextBoolean(config.MotorcycleShare);
        Point3 foot = street.At(side.Sign * (side.RoadEdge - (side.Parking ? 2.8 : 0.8)), 0, z);
        if (random.NextBoolean(0.6))
        {
            _people.FromBehind(foot, hasMotor);
        }
        else
        {
            TwoWheeler(foot, hasMotor, hasRider: true);
        }
    }

    private void TwoWheeler(Point3 foot, bool hasMotor, bool hasRider)
    {
        if (hasMotor)
        {
            _people.Motorcycle(foot, hasRider);
        }
        else
        {
            _people.Bicycle(foot, hasRider);
        }
    }

    private void Equip()
    {
        double z = street.CrossingFrom - 1;
        if (random.NextBoolean(config.TrafficLights))
        {
            _furniture.TrafficLight(street.Right.RoadEdge + 0.6, z);
            _furniture.TrafficLight(-street.Left.RoadEdge - 0.6, random.NextBoolean() ? z : street.CrossingTo + 1);
        }

        int walkers = random.NextInt32(1 + (int)(config.People / 2));
        for (int i = 0; i < walkers; i++)
        {
            double lateral = random.NextDouble(-street.Left.RoadEdge, street.Right.RoadEdge);
            _people.Pedestrian(street.At(lateral, 0, street.CrossingFrom - random.NextDouble(1, 3)));
        }

        if (random.NextBoolean(Math.Min(0.9, config.Riders * 0.2)))
        {
            double lateral = random.NextDouble(-street.Left.RoadEdge, street.Right.RoadEdge);
            TwoWheeler(street.At(lateral, 0, street.CrossingFrom + 1), random.NextBoolean(config.MotorcycleShare), hasRider: true);
        }
    }
}
