using Clouds.Training.Streets.Looks;

namespace Clouds.Training.Streets.World;

/// <summary>The paints of the wide world: what grows has the season's colours, what is built the place's.</summary>
internal static class WorldPalettes
{
    /// <summary>The colours of a setting.</summary>
    public static Palette Of(WorldSetting setting)
    {
        Palette built = Built(setting.Place);
        Palette palette = setting.Season switch
        {
            WorldSeason.Spring => built with { Leaves = [0xA8D060, 0x90C850, 0xF0B8CC, 0xB8D870], Gaps = [0x4A6A2C, 0x5A7A34], Grass = [0x88C048, 0x9CCC58] },
            WorldSeason.Summer => built,
            WorldSeason.Autumn => built with { Leaves = [0xD89030, 0xC8602C, 0xE0B43C, 0xA84828], Gaps = [0x5A3418, 0x4A3418], Grass = [0xA89850, 0x98904C] },
            WorldSeason.Winter => built with { Leaves = [0x7A7268, 0x6C665E, 0x868074], Gaps = [0x3A3632, 0x44403A], Grass = [0x9C947C, 0x8C8870] },
            _ => throw new ArgumentOutOfRangeException(nameof(setting), setting.Season, "not a season"),
        };
        return setting.Place == WorldPlace.Harbour ? palette with { Grass = [0x3A6E98, 0x447C9C, 0x35688A], Earth = [0x2E5A80] } : palette;
    }

    private static Palette Built(WorldPlace place) => place switch
    {
        WorldPlace.Suburb => new Palette { Walls = [0xE8E2D4, 0xD8C8A8, 0xC8D0D0, 0xB89880, 0xE0D0C0], Roofs = [0x8A4A38, 0x5C5450, 0x9A5840] },
        WorldPlace.Village => new Palette
        {
            Roads = [0x8A7E72, 0x7A7068, 0x968878], Pavings = [0xB09C84, 0x9C8C78], Walls = [0xE0C48C, 0xD8A868, 0xE8DCC0, 0xC87858], Frames = [0x6A3A2A,
            0x4A3A2A],
            Roofs = [0xA85838, 0xB46A48], Masonry = [0xB4A284, 0xA49478],
        },
        WorldPlace.Highway => new Palette { Roads = [0x707276, 0x8A8A8C, 0x5E6066], Masonry = [0xB0AEA8, 0x9C9A96] },
        WorldPlace.Industrial => new Palette
        {
            Roads = [0x6E6A66, 0x5E5C5A], Walls = [0x8A98A4, 0xA8ACAC, 0x6C8090, 0xB0A48C, 0x98685C], Frames = [0x50585E, 0xC8CCCC], Masonry = [0x9C9A96,
            0x8A8884],
        },
        WorldPlace.Harbour => new Palette
        {
            Roads = [0x7C7A78, 0x8A8680], Pavings = [0xB8B4AC, 0xA8A49C], Walls = [0x9A5040, 0x8A4438, 0xA86850, 0x6A7880], Frames = [0xE4E0D8, 0x3A4448],
            Masonry = [0x8E8A84, 0x7C7A78],
        },
        _ => new Palette(),
    };
}
