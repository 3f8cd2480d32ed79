namespace Clouds.Models.Clip;

/// <summary>The names that the text classifier tries for a class (method.md section 1.6; FC-CLIP's lists for the classes of Cityscapes).</summary>
public static class ClassSynonyms
{
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["road"] = ["road", "railroad"],
        ["sidewalk"] = ["sidewalk", "pavement"],
        ["building"] = ["building", "buildings", "edifice", "edifices", "house", "ceiling"],
        ["wall"] = ["wall", "walls", "brick wall", "stone wall", "tile wall", "wood wall"],
        ["fence"] = ["fence", "fences"],
        ["pole"] = ["pole", "poles"],
        ["traffic light"] = ["traffic light", "traffic lights"],
        ["traffic sign"] = ["traffic sign", "stop sign"],
        ["vegetation"] = ["vegetation", "tree", "trees", "palm tree", "bushes"],
        ["terrain"] = ["terrain", "river", "sand", "sea", "snow", "water", "mountain", "grass", "dirt", "rock"],
        ["sky"] = ["sky", "clouds"],
        ["car"] = ["car", "cars"],
        ["truck"] = ["truck", "trucks"],
        ["bus"] = ["bus", "buses"],
        ["train"] = ["train", "trains", "locomotive", "locomotives", "freight train"],
        ["motorcycle"] = ["motorcycle", "motorcycles"],
        ["bicycle"] = ["bicycle", "bicycles", "bike", "bikes"],
    };

    /// <summary>A class's names, its own first; of a class that is not listed its own alone.</summary>
    public static IReadOnlyList<string> Of(string name) => Known.GetValueOrDefault(name) ?? [name];
}
