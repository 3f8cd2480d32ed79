namespace Clouds.Training.Streets.Looks;

/// <summary>Finds the content and the look of a style.</summary>
internal static class StreetStyles
{
    public static StreetConfig Config(StreetStyle style) => style switch
    {
        StreetStyle.Source => new StreetConfig(),
        StreetStyle.Night => NightStyle.Config,
        StreetStyle.Fog => FogStyle.Config,
        StreetStyle.Snow => SnowStyle.Config,
        StreetStyle.Rain => RainStyle.Config,
        StreetStyle.Other => OldTownStyle.Config,
        _ => throw new ArgumentOutOfRangeException(nameof(style), style, "not a street style"),
    };

    public static Look Look(StreetStyle style) => style switch
    {
        StreetStyle.Source => new Look(),
        StreetStyle.Night => NightStyle.Look,
        StreetStyle.Fog => FogStyle.Look,
        StreetStyle.Snow => SnowStyle.Look,
        StreetStyle.Rain => RainStyle.Look,
        StreetStyle.Other => OldTownStyle.Look,
        _ => throw new ArgumentOutOfRangeException(nameof(style), style, "not a street style"),
    };
}
