import { useMutation } from '@tanstack/react-query';
import { uploadedStructureSchema } from '../../../../contracts/structure.ts';
import { request } from '../../../api/client.ts';

export function useUploadStructure() {
  return useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.append('file', file, file.name);
      return request(uploadedStructureSchema, '/structures/upload', { method: 'POST', form });
    },
  });
}
