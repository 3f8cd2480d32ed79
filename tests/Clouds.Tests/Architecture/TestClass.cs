using System.Reflection;
using Xunit.v3;

namespace Clouds.Tests.Architecture;

/// <summary>A class with tests as the rules see it.</summary>
/// <param name="Name">Full name.</param>
/// <param name="Kind">Its kind; null where it has none.</param>
/// <param name="Facts">Names of the attributes that make its methods tests, without the ending.</param>
internal sealed record TestClass(string Name, TestKind? Kind, IReadOnlyCollection<string> Facts)
{
    /// <summary>Every test class of this assembly.</summary>
    public static IReadOnlyList<TestClass> All()
    {
        return [.. typeof(TestClass).Assembly.GetTypes()
            .Select(type => new TestClass(type.FullName!, type.GetCustomAttribute<KindAttribute>()?.Kind, FactsOf(type)))
            .Where(found => found.Facts.Count > 0)
            .OrderBy(found => found.Name, StringComparer.Ordinal)];
    }

    private static string[] FactsOf(Type type)
    {
        return [.. type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .SelectMany(method => method.GetCustomAttributes()).Where(attribute => attribute is IFactAttribute)
            .Select(attribute => attribute.GetType().Name.Replace("Attribute", "", StringComparison.Ordinal)).Distinct()];
    }
}
