namespace Clouds.Training.Streets;

/// <summary>The 19 Cityscapes train ids by name, and the id that is ignored.</summary>
internal enum StreetClass : ushort
{
    Road = 0,
    Sidewalk = 1,
    Building = 2,
    Wall = 3,
    Fence = 4,
    Pole = 5,
    TrafficLight = 6,
    TrafficSign = 7,
    Vegetation = 8,
    Terrain = 9,
    Sky = 10,
    Person = 11,
    Rider = 12,
    Car = 13,
    Truck = 14,
    Bus = 15,
    Train = 16,
    Motorcycle = 17,
    Bicycle = 18,
    Ignored = 255,
}
