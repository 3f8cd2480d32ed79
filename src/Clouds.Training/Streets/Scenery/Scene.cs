using System.Numerics;
using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Painting;

namespace Clouds.Training.Streets.Scenery;

/// <summary>Something that shines.</summary>
/// <param name="Position">World point.</param>
/// <param name="Colour">Colour of the shine.</param>
/// <param name="Radius">Radius of the shine around it, metres.</param>
/// <param name="Reach">Strength with which it lights its surroundings; 0 for signals.</param>
internal readonly record struct Lamp(Point3 Position, Vector4 Colour, double Radius, double Reach);

/// <summary>A street ready to be painted: faces in three layers, lamps, sky and sun.</summary>
internal sealed class Scene
{
    public required Camera Camera { get; init; }

    public required Look Look { get; init; }

    public required Sky Sky { get; init; }

    /// <summary>Towards the sun, length 1.</summary>
    public required Point3 SunDirection { get; init; }

    /// <summary>Road, sidewalks, grass: drawn first.</summary>
    public List<Face> Ground { get; } = [];

    /// <summary>Shapes on the ground that are darker.</summary>
    public List<Face> Shadows { get; } = [];

    /// <summary>Everything that stands up.</summary>
    public List<Face> Solids { get; } = [];

    public List<Lamp> Lamps { get; } = [];

    /// <summary>Where each thing that can be counted begins among the solids, in their order; it ends where the next begins.</summary>
    public List<int> Things { get; } = [];

    /// <summary>Factor on the size of figures; see <see cref="StreetConfig.Stature"/>.</summary>
    public double Stature { get; init; } = 1;

    /// <summary>What is added from here on is a thing of its own.</summary>
    public void BeginThing() => Things.Add(Solids.Count);

    /// <summary>An upright plane through a ground point that is seen square-on.</summary>
    public Panel PanelAt(Point3 ground) => new(ground, Point3.Right, Point3.Up, Solids);

    /// <summary>The same for a thing of its own, drawn with <see cref="Stature"/>.</summary>
    public Panel FigureAt(Point3 ground)
    {
        BeginThing();
        return new Panel(ground, Point3.Right * Stature, Point3.Up * Stature, Solids);
    }
}
