using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Geometry;

namespace Clouds.Training.Streets.Scenery;

/// <summary>Puts vehicles into the lanes, along the kerbs and onto the crossing.</summary>
internal sealed class Traffic(Scene scene, Street street, StreetConfig config, RandomStream random)
{
    private const double Reach = 90;

    private readonly Vehicles _vehicles = new(scene, random);

    /// <summary>All of it.</summary>
    public void Fill()
    {
        int tramLane = random.NextBoolean(config.Tram) ? random.NextInt32(Math.Max(1, street.LanesOncoming)) : -1;
        int own = street.LanesOncoming + street.OwnLane;
        for (int lane = 0; lane < street.LanesAhead + street.LanesOncoming; lane++)
        {
            bool isOncoming = lane < street.LanesOncoming;
            double from = lane == own ? random.NextDouble(9, 30) : random.NextDouble(4, 14);
            if (lane == tramLane && lane != own)
            {
                PlaceTram(lane, isOncoming, ref from);
            }

            FillLane(lane, isOncoming, from);
        }

        foreach (Side side in street.Sides.Where(side => side.Parking))
        {
            Park(side);
        }

        if (street.HasCrossing && random.NextBoolean(0.55))
        {
            Cross();
        }
    }

    private void FillLane(int lane, bool isOncoming, double from)
    {
        double gap = 100 / Math.Max(config.Traffic, 0.05);
        for (double z = from + random.NextDouble(0, gap * 0.6); z < Reach; z += 8 + (random.NextDouble(0.1, 1.5) * gap))
        {
            Frame frame = street.FrameAt(street.LaneCentre(lane) + random.NextDouble(-0.3, 0.3), z);
            Any(isOncoming ? Turned(frame, 5) : frame);
        }
    }

    private void Any(Frame frame)
    {
        double draw = random.NextDouble();
        if (draw < config.TruckShare)
        {
            _vehicles.Truck(frame);
        }
        else if (draw < config.TruckShare + config.BusShare)
        {
            _vehicles.Bus(frame);
        }
        else
        {
            _vehicles.Car(frame);
        }
    }

    private void PlaceTram(int lane, bool isOncoming, ref double from)
    {
        double z = random.NextDouble(8, 28);
        Frame frame = street.FrameAt(street.LaneCentre(lane), z);
        _vehicles.Tram(isOncoming ? Turned(frame, 30) : frame);
        from = z + 36;
    }

    private void Park(Side side)
    {
        double lateral = side.Sign * (side.RoadEdge - 1.1);
        for (double z = random.NextDouble(-2, 6); z < 80; z += random.NextDouble(5.2, 6.5))
        {
            if (!random.NextBoolean(config.Parked) || street.Crosses(z, z + 4))
            {
                continue;
            }

            Frame frame = street.FrameAt(lateral + random.NextDouble(-0.1, 0.1), z);
            _vehicles.Car(side.Sign > 0 || random.NextBoolean(0.3) ? frame : Turned(frame, 4.2));
        }
    }

    private void Cross()
    {
        int count = 1 + random.NextInt32(2);
        double lateral = random.NextDouble(-14, 2);
        for (int i = 0; i < count; i++, lateral += random.NextDouble(11, 16))
        {
            Frame frame = street.FrameAt(lateral, street.CrossingFrom + 2.2);
            Any(frame.Quarter());
        }
    }

    /// <summary>The same stretch of lane, driven the other way.</summary>
    private static Frame Turned(Frame frame, double length) => (frame with { Origin = frame.At(0, 0, length) }).Reversed();
}
