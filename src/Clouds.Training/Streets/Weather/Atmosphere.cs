using System.Numerics;
using Clouds.Native.Images;
using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Materials;
using Clouds.Training.Streets.Painting;
using Clouds.Training.Streets.Scenery;

namespace Clouds.Training.Streets.Weather;

/// <summary>What happens between the street and the lens: wet mirrors, the dark, haze and the shine of lamps. Works on distances.</summary>
internal sealed class Atmosphere(Scene scene, Film film)
{
    private readonly Look _look = scene.Look;
    private readonly Camera _camera = scene.Camera;
    private readonly float _focal = (float)(scene.Camera.Focal * film.Height);
    private readonly (Point3 At, Lamp Lamp)[] _lamps = [.. scene.Lamps.Select(lamp => (scene.Camera.View(lamp.Position), lamp))];
    private readonly Vector4[] _lit =
        [.. scene.Lamps.Where(lamp => lamp.Reach > 0).Select(lamp => Place(scene.Camera.View(lamp.Position), lamp.Reach))];

    /// <summary>Applies all of it, ground first.</summary>
    /// <param name="labels">Says what is ground.</param>
    /// <param name="density">Haze a metre.</param>
    public void Apply(LabelMap labels, float density)
    {
        if (_look.Wetness > 0)
        {
            Mirror(labels);
        }

        if (_look.Darkness > 0)
        {
            Darken();
        }

        Fade(density);
        foreach ((Point3 at, Lamp lamp) in _lamps)
        {
            Shine(at, lamp);
        }
    }

    private void Mirror(LabelMap labels)
    {
        int horizon = (int)(_camera.Horizon * film.Height);
        for (int y = Math.Max(horizon, 0); y < film.Height; y++)
        {
            for (int x = 0; x < film.Width; x++)
            {
                int i = (y * film.Width) + x;
                if (labels.Ids[i] > (ushort)StreetClass.Sidewalk || film.Nearness[i] <= 0)
                {
                    continue;
                }

                float z = 1 / film.Nearness[i];
                float side = (x - (film.Width / 2f)) / _focal * z;
                float puddle = Math.Clamp((NoiseTile.Sample(side * 1.1f, z * 0.5f, 99) - 0.15f) * 2.2f, 0.15f, 1);
                float ripple = NoiseTile.Sample(side * 7, z * 5, 7) - 0.5f;
                int mirrored = (int)((2 * horizon) - y + (ripple * 0.06f * film.Height));
                int source = (Math.Clamp(mirrored, 0, Math.Max(horizon - 1, 0)) * film.Width) + x;
                Vector4 wet = Colour.Scale(film.Colours[i], 1 - (0.4f * _look.Wetness));
                film.Colours[i] = Colour.Mix(wet, film.Colours[source], 0.75f * _look.Wetness * puddle);
            }
        }
    }

    private void Darken()
    {
        float rest = 1 - _look.Darkness;
        for (int i = 0; i < film.Colours.Length; i++)
        {
            Vector4 colour = film.Colours[i];
            float nearness = film.Nearness[i];
            float light = nearness > 0 ? rest + (_look.Darkness * LampLight(i, nearness)) : 1;
            film.Colours[i] = Colour.Scale(colour, light + ((1 - light) * colour.W));
        }
    }

    /// <summary>Light of the own headlights and of the street lamps at a pixel.</summary>
    private float LampLight(int pixel, float nearness)
    {
        float z = 1 / nearness;
        float x = ((pixel % film.Width) - (film.Width / 2f)) / _focal * z;
        float y = ((pixel / film.Width) - (film.Height / 2f)) / _focal * z;
        float beam = 1 / (1 + (x * x / ((0.3f * z * z) + 4)));
        float light = 0.05f + (0.75f * beam / (1 + (z * z / 260)) * (y > -0.12f * z ? 1 : 0.35f));
        foreach (Vector4 lamp in _lit)
        {
            float dx = x - lamp.X;
            float dy = y - lamp.Y;
            float dz = z - lamp.Z;
            light += lamp.W / (1 + (((dx * dx) + (dy * dy) + (dz * dz)) * (1 / 14f)));
        }

        return Math.Min(light, 1.2f);
    }

    private void Fade(float density)
    {
        for (int i = 0; i < film.Colours.Length; i++)
        {
            float nearness = film.Nearness[i];
            // A rational stand-in for exp(-t): library exponentials differ between machines in the last bit.
            float t = nearness > 0 ? density / nearness : density * 140;
            float clear = 1 / (1 + t + (t * t / 2) + (t * t * t / 6));
            film.Colours[i] = Colour.Mix(_look.Haze, film.Colours[i], clear);
        }
    }

    private void Shine(Point3 at, Lamp lamp)
    {
        if (at.Z < 1 || _look.Lamps <= 0)
        {
            return;
        }

        float centreX = (float)((film.Width / 2.0) + (_focal * at.X / at.Z));
        float centreY = (float)((film.Height / 2.0) + (_focal * at.Y / at.Z));
        float radius = (float)(_focal * lamp.Radius * (0.5 + _look.Lamps) / at.Z);
        if (!IsVisible(centreX, centreY, at.Z))
        {
            return;
        }

        for (int y = Math.Max(0, (int)(centreY - (4 * radius))); y < Math.Min(film.Height, centreY + (4 * radius)); y++)
        {
            for (int x = Math.Max(0, (int)(centreX - (4 * radius))); x < Math.Min(film.Width, centreX + (4 * radius)); x++)
            {
                float dx = (x + 0.5f - centreX) / radius;
                float dy = (y + 0.5f - centreY) / radius;
                float distance = (dx * dx) + (dy * dy);
                float glow = Math.Max(0, (1 / (1 + (2 * distance))) - 0.03f) * _look.Lamps;
                film.Colours[(y * film.Width) + x] += lamp.Colour * glow;
            }
        }
    }

    private static Vector4 Place(Point3 at, double reach) => new((float)at.X, (float)at.Y, (float)at.Z, (float)reach);

    private bool IsVisible(float x, float y, double z)
    {
        int column = (int)x;
        int row = (int)y;
        return x >= 0 && y >= 0 && column < film.Width && row < film.Height && film.Nearness[(row * film.Width) + column] * z < 1.06;
    }
}
