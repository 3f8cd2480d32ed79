namespace Clouds.Cli.Method.Pages;

/// <summary>What pages call the arms, and how they mark them: by colour and by shape.</summary>
internal static class ArmWords
{
    /// <summary>In tables and below pictures.</summary>
    public static string Name(MethodArm arm) => arm switch
    {
        MethodArm.Source => "source only",
        MethodArm.Generated => "+ generated",
        MethodArm.Refined => "+ refined",
        MethodArm.Scratch => "from scratch",
        _ => throw new ArgumentOutOfRangeException(nameof(arm)),
    };

    /// <summary>What it has of the method.</summary>
    public static string Story(MethodArm arm) => arm switch
    {
        MethodArm.Source => "stage 1: CLIP's encoder, frozen; labelled source images",
        MethodArm.Generated => "stage 2: painted images too, with the teacher's labels",
        MethodArm.Refined => "stage 2: these labels refined by Segment Anything",
        MethodArm.Scratch => "stage 1: the same encoder, begun from nothing and trained",
        _ => throw new ArgumentOutOfRangeException(nameof(arm)),
    };

    /// <summary>Number of its colour in the style sheet.</summary>
    public static int Colour(MethodArm arm) => arm switch
    {
        MethodArm.Source => 7,
        MethodArm.Generated => 1,
        MethodArm.Refined => 0,
        MethodArm.Scratch => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(arm)),
    };

    /// <summary>Its mark around a place, as an SVG path: a ring, a square, a disc, a rhomb.</summary>
    public static string Mark(MethodArm arm, double x, double y) => arm switch
    {
        MethodArm.Source => Path(arm, $"M{x - 5:0.#} {y:0.#}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0", " hollow"),
        MethodArm.Generated => Path(arm, $"M{x - 4.5:0.#} {y - 4.5:0.#}h9v9h-9z"),
        MethodArm.Refined => Path(arm, $"M{x - 5.5:0.#} {y:0.#}a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0"),
        MethodArm.Scratch => Path(arm, $"M{x:0.#} {y - 6:0.#}l6 6l-6 6l-6 -6z", " hollow"),
        _ => throw new ArgumentOutOfRangeException(nameof(arm)),
    };

    private static string Path(MethodArm arm, FormattableString d, string more = "") =>
        $"<path class=\"mark m{Colour(arm)}{more}\" d=\"{FormattableString.Invariant(d)}\"/>";
}
