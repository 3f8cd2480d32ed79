namespace Clouds.Cli.Method.Pages;

/// <summary>Names of the page's sections in links.</summary>
internal static class MethodSections
{
    public const string Scores = "scores";
    public const string Encoder = "encoder";
    public const string Prompts = "prompts";
    public const string Refinement = "refinement";
    public const string Curves = "curves";
    public const string Classes = "classes";
    public const string Pictures = "pictures";
    public const string Costs = "costs";

    /// <summary>All, with their names in the list of contents.</summary>
    public static IReadOnlyList<(string Id, string Name)> All { get; } =
    [
        (Scores, "Scores"), (Encoder, "Encoder"), (Prompts, "Prompts and images"), (Refinement, "Refinement"), (Curves, "Curves"), (Classes, "Classes"),
        (Pictures, "Pictures"), (Costs, "What it took"),
    ];
}
