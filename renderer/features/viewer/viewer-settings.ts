// How the user likes structures drawn; kept between starts. Copies belong to one structure and are not kept.
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { z } from 'zod';
import { VIEW_STYLES } from './appearance.ts';

const storedSchema = z.object({
  style: z.enum(VIEW_STYLES),
  show_boundary_atoms: z.boolean(),
  show_cell: z.boolean(),
  is_orthographic: z.boolean(),
});
export type ViewerSettings = z.infer<typeof storedSchema>;

interface ViewerSettingsStore extends ViewerSettings {
  change: (part: Partial<ViewerSettings>) => void;
}

export const useViewerSettings = create<ViewerSettingsStore>()(
  persist(
    (set) => ({
      style: 'ball-and-stick',
      show_boundary_atoms: true,
      show_cell: true,
      is_orthographic: false,
      change: (part) => {
        set(part);
      },
    }),
    {
      name: 'mofsim.viewer',
      partialize: ({ style, show_boundary_atoms, show_cell, is_orthographic }) => ({
        style,
        show_boundary_atoms,
        show_cell,
        is_orthographic,
      }),
      merge: (stored, initial) => {
        const parsed = storedSchema.safeParse(stored);
        return parsed.success ? { ...initial, ...parsed.data } : initial;
      },
    },
  ),
);
